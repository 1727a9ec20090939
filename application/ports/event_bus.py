"""How events reach the workers: groups with a cursor each, at-least-once deliveries."""

from collections.abc import Sequence
from typing import Protocol

import attrs

from application.ports.delivery import Delivery


@attrs.frozen(kw_only=True)
class Subscription:
    """One consumer of one group on one stream. Consumers of a group share its deliveries."""

    stream: str
    group: str
    consumer: str


@attrs.frozen(kw_only=True)
class PendingDelivery:
    """A delivery not acknowledged yet: who holds it, for how long, and how often it was handed out."""

    position: str
    consumer: str
    idle_ms: int
    attempt: int


@attrs.frozen(kw_only=True)
class FailedAttempt:
    """What an attempt at a delivery has failed with, and when (epoch seconds, by the store's clock)."""

    group: str
    position: str
    attempt: int
    error: str
    at_s: float


@attrs.frozen(kw_only=True)
class DeadLetter:
    """Why a delivery was set aside, and what was tried. `error`: what was raised last; it is not kept."""

    reason: str
    attempts: int
    first_error: str
    last_error: str
    traceback: str = ""
    error: Exception | None = attrs.field(default=None, eq=False)


@attrs.frozen(kw_only=True)
class Backlog:
    """What a group has before it, and how long its stream is. Ages are seconds by the store's clock, 0 where
    there is nothing; so are the attempts at the oldest that is pending."""

    lag_events: int = 0
    lag_s: float = 0.0
    pending: int = 0
    oldest_pending_s: float = 0.0
    oldest_pending_attempts: int = 0
    dead_letters: int = 0
    stream_events: int = 0


class EventBus(Protocol):
    """Hands the events of a stream to groups. Every group sees every event, from the beginning.

    A delivery stays pending with its consumer until it is acknowledged or set aside; it must outlive
    the consumer. There is no publish: an event is on the bus once it is in the store.

    Every method raises:
        Unavailable: no answer; what was asked may or may not have happened. Ask again later.
    """

    def join(self, subscription: Subscription) -> None:
        """Make sure that the group exists. A new one must start at the beginning of the stream, one
        that was lost where its last checkpoint says; one that exists must not be moved."""

    def receive(
        self, subscription: Subscription, *, count: int, block_ms: int, done: Sequence[str] = ()
    ) -> list[Delivery]:
        """At most `count` deliveries never handed out before, waiting up to `block_ms` for the first.

        Those at `done` must be acknowledged before the wait, and may be in the same call: a worker that reads
        on at once saves one. A group that has vanished must be joined again, not reported.
        """

    def acknowledge(self, subscription: Subscription, positions: Sequence[str]) -> None:
        """Done with these, for good."""

    def pending(self, subscription: Subscription, *, count: int) -> list[PendingDelivery]:
        """At most `count` pending deliveries of the whole group, oldest first."""

    def claim(
        self, subscription: Subscription, positions: Sequence[str], *, min_idle_ms: int
    ) -> list[Delivery]:
        """Take over those of `positions` that are still idle that long; each counts as a new attempt.

        Two consumers that claim the same delivery must not both get it.
        """

    def forgive(self, subscription: Subscription, deliveries: Sequence[Delivery]) -> None:
        """The attempt at each of these was cut short through no fault of its own: it must not count.

        They stay pending, and idle for as long as they were. One that this consumer does not hold any more,
        or holds in another attempt, must be left alone: done twice, one attempt is forgiven.
        """

    def note_failures(self, subscription: Subscription, failed: Sequence[tuple[Delivery, str]]) -> None:
        """Remember for a while what an attempt at each of these has failed with, for those who look on. The
        newest of a stream must be kept, and no more than some number of them."""

    def set_aside(self, subscription: Subscription, delivery: Delivery, why: DeadLetter) -> None:
        """Keep `delivery` as a dead letter and acknowledge it, in one step. Done twice, it is kept once."""

    def forget_idle_consumers(self, subscription: Subscription, idle_ms: int) -> list[str]:
        """Forget consumers of the group that have asked for nothing for `idle_ms` and hold nothing; their
        names.

        One that holds a delivery must be kept, in one step with the look whether it does, and so must the
        one that asks. One that was forgotten may come back at any time.
        """

    def save_checkpoint(self, subscription: Subscription) -> None:
        """Remember the place below which everything is acknowledged. It must never move back."""

    def backlog(self, subscription: Subscription) -> Backlog:
        """What is before the group now."""
