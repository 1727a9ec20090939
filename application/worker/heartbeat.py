"""A worker that also listens for beats, with its own loop and its own way to the bus."""

from collections.abc import Callable, Sequence
from typing import Final

from application.ports.clock import Clock
from application.ports.delivery import Delivery
from application.ports.event_bus import EventBus, Subscription
from application.worker.handler import Failures, Handler

HEARD_MAX: Final = 100  # beats in one go


class Listening(Handler):
    """`handler`, which listens every `every_s` as well, between two batches: a loop that is stuck hears
    nothing. `heard` is told when the newest beat was recorded, and how old it was when it arrived."""

    def __init__(
        self,
        handler: Handler,
        bus: EventBus,
        subscription: Subscription,
        *,
        clock: Clock,
        every_s: float,
        heard: Callable[[float, float], object],
    ) -> None:
        self.types = handler.types
        self._handler = handler
        self._bus = bus
        self._subscription = subscription
        self._clock = clock
        self._every_s = every_s
        self._heard = heard
        self._due_s = 0.0
        self._first = True

    def handle(self, deliveries: Sequence[Delivery]) -> Failures:
        return self._handler.handle(deliveries)

    def give_up(self, delivery: Delivery, reason: str) -> None:
        self._handler.give_up(delivery, reason)

    def tick(self) -> None:
        self._handler.tick()
        now_s = self._clock.now_s()
        if now_s >= self._due_s:
            self._due_s = now_s + self._every_s
            self._listen()

    def _listen(self) -> None:
        if self._first:  # what an earlier life heard and had no time to acknowledge
            self._bus.join(self._subscription)
            left = self._bus.pending(self._subscription, count=HEARD_MAX)
            self._bus.acknowledge(self._subscription, [pending.position for pending in left])
            self._first = False
        beats = self._bus.receive(self._subscription, count=HEARD_MAX, block_ms=1)
        if beats:
            self._bus.acknowledge(self._subscription, [beat.position for beat in beats])
            newest = beats[-1]
            self._heard(newest.look().recorded_at_s, newest.age_s)
