"""The worker's loop around a handler that does nothing, beside a bare loop of XREADGROUP and XACK."""

import time
from collections.abc import Sequence
from typing import Final

import attrs

from adapters.redis_streams.keys import checkpoints_key
from application.events.streams import CHECKOUTS
from application.ports.delivery import Delivery
from application.ports.event_bus import Subscription
from application.worker.handler import Failures
from application.worker.loop import Worker
from bench import bare
from bench.effort import Effort, rounds
from bench.figures import Figure, Goal, ratios
from bench.rig import Rig
from bench.shop import Shoppers, append_all
from domain.checkout.events import CheckoutInitiated

COUNT_MAX: Final = 100_000


@attrs.define
class Idle:
    """A handler that has nothing to do with the deliveries of its types."""

    types: frozenset[str] | None

    def handle(self, deliveries: Sequence[Delivery]) -> Failures:  # noqa: ARG002 - as every handler's
        """All of them are done."""
        return {}

    def tick(self) -> None:
        """Time brings nothing about."""

    def give_up(self, delivery: Delivery, reason: str) -> None:
        """Nothing fails here."""


HANDLES: Final = frozenset({CheckoutInitiated.__name__})
DROPS: Final = frozenset[str]()


def measure(effort: Effort) -> list[Figure]:
    """Events a second: handled, dropped unopened, and read by the bare client."""
    with Rig.running() as rig:
        count = effort.count(15_000, least=1_000, most=COUNT_MAX)
        append_all(rig.container.bare_event_store(), Shoppers().transactions(count))
        raw, handled, dropped = rounds(
            effort,
            lambda: bare.read_and_acknowledge_per_s(rig.client, CHECKOUTS, "bare", count),
            lambda: loop_per_s(rig, HANDLES, count),
            lambda: loop_per_s(rig, DROPS, count),
        )
    return [
        Figure(of="worker loop", what="handled by a no-op", unit="events/s", rounds=handled),
        Figure(of="worker loop", what="dropped by type", unit="events/s", rounds=dropped),
        Figure(of="worker loop", what="bare XREADGROUP(100) + XACK", unit="events/s", rounds=raw),
        Figure(
            of="worker loop",
            what="ratio, handled",
            unit="",
            rounds=ratios(handled, raw),
            goal=Goal(">=", 0.6),
        ),
        Figure(of="worker loop", what="ratio, dropped", unit="", rounds=ratios(dropped, raw)),
    ]


def loop_per_s(rig: Rig, types: frozenset[str], count: int) -> float:
    """Events a second through a worker that handles `types`, in a new group from the beginning."""
    container = rig.container
    subscription = Subscription(stream=CHECKOUTS, group="no-op", consumer="bench")
    worker = Worker(
        container.event_bus(),
        subscription,
        Idle(types),
        clock=container.clock(),
        telemetry=container.telemetry(),
        policy=container.policy(),
    )
    began_s = time.perf_counter()
    done = 0
    while done < count:
        done += worker.turn()
    rate = done / (time.perf_counter() - began_s)
    rig.client.xgroup_destroy(CHECKOUTS, subscription.group)
    rig.client.delete(checkpoints_key(CHECKOUTS))
    return rate
