"""A worker on its own: one group on the in-memory bus, a step that does as it is told, a clock."""

from collections.abc import Callable, Sequence

import attrs

from adapters.inmemory.clock import FakeClock
from adapters.inmemory.event_bus import InMemoryEventBus, fields_of
from adapters.inmemory.log import DeadEntry, Held, InMemoryLog
from adapters.inmemory.telemetry import RecordingTelemetry
from application.ports.delivery import Delivery
from application.ports.event_bus import EventBus, Subscription
from application.worker.handler import Failures, Handler
from application.worker.loop import Worker
from application.worker.policy import WorkerPolicy

STREAM = "ecommerce.checkout.events"
GROUP = "checkout-test"
POLICY = WorkerPolicy(block_ms=0)


@attrs.define
class ObedientStep(Handler):
    """Notes what it is given, and fails where `trouble` says so: position -> what goes wrong."""

    types: frozenset[str] | None = frozenset({"CheckoutInitiated"})
    trouble: dict[str, Exception] = attrs.Factory(dict)
    batches: list[list[str]] = attrs.Factory(list)
    attempts: dict[str, list[int]] = attrs.Factory(dict)
    ticks: int = 0
    on_handle: Callable[[Sequence[Delivery]], None] = lambda _: None
    on_tick: Callable[[], None] = lambda: None

    def handle(self, deliveries: Sequence[Delivery]) -> Failures:
        self.batches.append([delivery.position for delivery in deliveries])
        for delivery in deliveries:
            self.attempts.setdefault(delivery.position, []).append(delivery.attempt)
        self.on_handle(deliveries)
        return {d.position: self.trouble[d.position] for d in deliveries if d.position in self.trouble}

    def tick(self) -> None:
        self.ticks += 1
        self.on_tick()


@attrs.define
class Bench:
    """What a worker works with, and what it left behind."""

    clock: FakeClock = attrs.Factory(FakeClock)
    step: ObedientStep = attrs.Factory(ObedientStep)
    telemetry: RecordingTelemetry = attrs.Factory(RecordingTelemetry)
    log: InMemoryLog = attrs.field(init=False)
    bus: InMemoryEventBus = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.log = InMemoryLog(self.clock)
        self.bus = InMemoryEventBus(self.log, self.telemetry)

    def worker(
        self,
        consumer: str = "c-1",
        *,
        policy: WorkerPolicy = POLICY,
        bus: EventBus | None = None,
        jitter: Callable[[], float] = lambda: 1.0,
    ) -> Worker:
        return Worker(
            bus or self.bus,
            Subscription(stream=STREAM, group=GROUP, consumer=consumer),
            self.step,
            clock=self.clock,
            telemetry=self.telemetry,
            policy=policy,
            jitter=jitter,
        )

    def write(self, type: str = "CheckoutInitiated") -> str:
        """Put an entry on the stream; its position."""
        return self.log.add(STREAM, fields_of(type=type, payload="{}"))

    def turn_after(self, worker: Worker, seconds: float) -> None:
        self.clock.advance(seconds)
        worker.turn()

    @property
    def pending(self) -> dict[str, Held]:
        return self.log.stream(STREAM).groups[GROUP].pending

    @property
    def dead_letters(self) -> list[DeadEntry]:
        return self.log.stream(STREAM).dead_letters
