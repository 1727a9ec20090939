"""A running service, the real Prometheus that reads it, and what is done to the service meanwhile."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final

import attrs
import httpx

from application.events.streams import CHECKOUTS
from tests.prometheus import Prometheus
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.instance import RunningService

FOUND_S: Final = 60.0
"""Until an alert fires or clears; the slowest, HeartbeatLost, waits for 30 s of silence."""
FOLLOWERS_MAX: Final = 2
EVENTS: Final = f"/api/event-store/streams/{CHECKOUTS}/events"


@attrs.frozen
class Watched:
    """A service, the Prometheus that reads it, and the command."""

    service: "RunningService"
    prometheus: Prometheus
    program: Sequence[str]

    def at(self, worker: str) -> str:
        """The instance that a worker is, to Prometheus."""
        return httpx.URL(self.service.metrics_urls()[worker]).netloc.decode()

    def fires(self, alert: str, **labels: str) -> dict[str, Any]:
        """Wait until it does; the alert."""
        return eventually(lambda: self._firing(alert, labels), FOUND_S)

    def clears(self, alert: str, **labels: str) -> None:
        """Wait until it has."""
        eventually(lambda: not self._firing(alert, labels), FOUND_S)

    def _firing(self, name: str, labels: dict[str, str]) -> dict[str, Any] | None:
        alerts = self.prometheus.firing().get(name, [])
        return next((alert for alert in alerts if labels.items() <= alert["labels"].items()), None)

    def comptoir(self, *tokens: str) -> Any:
        """The JSON that a command answers."""
        told = dict(self.service.environment) | {"DATA_DIR": str(self.service.data_dir), "LOG_LEVEL": "error"}
        command = [*self.program, *tokens, "--json"]
        done = subprocess.run(command, env=told, capture_output=True, text=True, timeout=FOUND_S, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def shop(service: "RunningService") -> None:
    service.front.receive("pencil", 1_000)
    started = [service.front.checkout("ada", {"pencil": 1}) for _ in range(20)]
    started.append(service.front.checkout("ada", {"pencil": 5_000}))
    started.append(service.front.checkout("ada", {"pencil": 1}, price=5_000.0))
    for checkout_id in started:
        service.front.ended(checkout_id)


@contextmanager
def poisoned(watched: Watched) -> Iterator[None]:
    """An entry that its group cannot read; in the end somebody decides to let it be."""
    watched.service.server.xadd(CHECKOUTS, {"type": "StockReserved", "payload": "not JSON"})
    yield
    for letter in watched.comptoir("dead-letters", "list")["dead_letters"]:
        watched.comptoir("dead-letters", "discard", letter["id"], "--reason", "it was never a checkout")


@contextmanager
def full(watched: Watched) -> Iterator[None]:
    """The server takes no more."""
    before = watched.service.server.config_get("maxmemory")["maxmemory"]
    watched.service.server.config_set("maxmemory", "1mb")
    yield
    watched.service.server.config_set("maxmemory", before)


@contextmanager
def crowded(watched: Watched) -> Iterator[None]:
    """As many follow the stream as may."""
    follow = {"Accept": "text/event-stream"}
    with watched.service.front.new_client() as client, ExitStack() as followers:
        for _ in range(FOLLOWERS_MAX):
            followers.enter_context(client.stream("GET", EVENTS, headers=follow))
        yield


def killed(watched: Watched, worker: str) -> None:
    """It dies, and Prometheus has read the one that took its place."""
    started = f'changes(process_start_time_seconds{{instance="{watched.at(worker)}"}}[15m])'
    before = watched.prometheus.samples(started)[0][1]
    os.kill(watched.service.pids()[worker], signal.SIGKILL)
    eventually(lambda: watched.prometheus.samples(started)[0][1] > before, FOUND_S)


def refuses(watched: Watched, requests: int) -> None:
    """So many checkouts are answered with a 503, and Prometheus has read of it."""
    answered = 'sum(http_request_duration_seconds_count{status="503", route="/api/checkouts"})'
    before = [value for _, value in watched.prometheus.samples(answered)]
    for _ in range(requests):
        assert watched.service.front.post("ada", {"pencil": 1}).status_code == 503
    eventually(lambda: [value for _, value in watched.prometheus.samples(answered)] > before, FOUND_S)
