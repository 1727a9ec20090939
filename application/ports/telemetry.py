"""What the workers and the store let others count."""

from collections.abc import Sequence
from typing import Protocol

from application.events.streams import Event
from application.ports.delivery import Delivery
from application.ports.event_bus import Backlog, DeadLetter, Subscription
from application.ports.event_store import NewEvent, Outcome


class Telemetry(Protocol):
    """Never raises, never waits. Ids of checkouts, clients and products are for logs, not for labels."""

    def published(self, stream: str, events: Sequence[Event]) -> None:
        """These were appended, or written by another program and adopted, for the first time."""

    def noted(self, stream: str, new: NewEvent, position: str) -> None:
        """One of those that were `published`, on a stream that no group reads: it passes here only."""

    def appended(self, stream: str, outcomes: Sequence[Outcome]) -> None:
        """What became of the transactions of one append."""

    def consumed(self, subscription: Subscription, deliveries: Sequence[Delivery]) -> None:
        """These were handled without a failure."""

    def failed(self, subscription: Subscription, delivery: Delivery, error: Exception) -> None:
        """An attempt failed; another will follow."""

    def dead_lettered(self, subscription: Subscription, delivery: Delivery, why: DeadLetter) -> None:
        """The last attempt failed."""

    def taken_over(self, subscription: Subscription, deliveries: Sequence[Delivery], holder: str) -> None:
        """These, oldest first, are about to be tried by this consumer. `holder` had them: another one that
        has gone silent, an earlier life of this one, or the `REDRIVER`."""

    def group_made(self, subscription: Subscription, after: str) -> None:
        """The group was not there, and begins after the position `after`: new, or lost and made again."""

    def interrupted(self, subscription: Subscription, error: Exception) -> None:
        """The worker could not reach the bus or the store and will try again."""

    def backlog(self, subscription: Subscription, backlog: Backlog) -> None:
        """What the group has before it."""
