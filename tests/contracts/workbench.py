"""What the traps need: a step without effects, a worker for it, and a look at the server."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from adapters.inmemory.telemetry import RecordingTelemetry
from adapters.redis_streams.client import Client
from adapters.redis_streams.connection import connect
from adapters.redis_streams.event_bus import RedisEventBus
from adapters.system_clock import SystemClock
from application.ports.delivery import Delivery
from application.worker.handler import Failures
from application.worker.loop import Worker
from application.worker.policy import WorkerPolicy
from tests.contracts.consumers import ONE

BLOCK_MS = 100


@attrs.define
class Handled:
    """A step without effects, which remembers what it was given."""

    types: frozenset[str] | None = None
    positions: list[str] = attrs.Factory(list)

    def handle(self, deliveries: Sequence[Delivery]) -> Failures:
        self.positions += [delivery.position for delivery in deliveries]
        return {}

    def tick(self) -> None:
        pass

    def give_up(self, delivery: Delivery, reason: str) -> None:
        """Nobody is told."""


def worker(client: Client, handler: Handled, telemetry: RecordingTelemetry) -> Worker:
    return Worker(
        RedisEventBus(client, telemetry),
        ONE,
        handler,
        clock=SystemClock(),
        telemetry=telemetry,
        policy=WorkerPolicy(block_ms=BLOCK_MS, housekeeping_ms=50, retry_base_ms=10),
    )


def blocked_clients(client: Client) -> int:
    told: Any = client.info("clients")
    return int(told["blocked_clients"])


def commands(client: Client) -> Mapping[str, int]:
    """Command -> how often it was called."""
    told: Any = client.info("commandstats")
    return {name.removeprefix("cmdstat_"): figures["calls"] for name, figures in told.items()}


def another_client(client: Client, socket_timeout_ms: int, **login: str) -> Client:
    """One of the same server, with another patience or another user."""
    at_server = client.connection_pool.connection_kwargs
    user = f"{login['username']}:{login['password']}@" if login else ""
    url = f"redis://{user}{at_server['host']}:{at_server['port']}/0"
    return connect(url, socket_timeout_ms=socket_timeout_ms, connect_timeout_ms=1_000)
