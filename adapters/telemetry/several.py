"""Telemetry told to several at once."""

from collections.abc import Sequence

from application.events.streams import Event
from application.ports.delivery import Delivery
from application.ports.event_bus import Backlog, DeadLetter, Subscription
from application.ports.event_store import NewEvent, Outcome
from application.ports.telemetry import Telemetry


class SeveralTelemetries(Telemetry):
    """Passes each call on to all of `telemetries`, in their order."""

    def __init__(self, *telemetries: Telemetry) -> None:
        self._telemetries = telemetries

    def published(self, stream: str, events: Sequence[Event]) -> None:
        """Pass it on."""
        for telemetry in self._telemetries:
            telemetry.published(stream, events)

    def noted(self, stream: str, new: NewEvent, position: str) -> None:
        """Pass it on."""
        for telemetry in self._telemetries:
            telemetry.noted(stream, new, position)

    def appended(self, stream: str, outcomes: Sequence[Outcome]) -> None:
        """Pass it on."""
        for telemetry in self._telemetries:
            telemetry.appended(stream, outcomes)

    def consumed(self, subscription: Subscription, deliveries: Sequence[Delivery]) -> None:
        """Pass it on."""
        for telemetry in self._telemetries:
            telemetry.consumed(subscription, deliveries)

    def failed(self, subscription: Subscription, delivery: Delivery, error: Exception) -> None:
        """Pass it on."""
        for telemetry in self._telemetries:
            telemetry.failed(subscription, delivery, error)

    def dead_lettered(self, subscription: Subscription, delivery: Delivery, why: DeadLetter) -> None:
        """Pass it on."""
        for telemetry in self._telemetries:
            telemetry.dead_lettered(subscription, delivery, why)

    def taken_over(self, subscription: Subscription, deliveries: Sequence[Delivery], holder: str) -> None:
        """Pass it on."""
        for telemetry in self._telemetries:
            telemetry.taken_over(subscription, deliveries, holder)

    def group_made(self, subscription: Subscription, after: str) -> None:
        """Pass it on."""
        for telemetry in self._telemetries:
            telemetry.group_made(subscription, after)

    def interrupted(self, subscription: Subscription, error: Exception) -> None:
        """Pass it on."""
        for telemetry in self._telemetries:
            telemetry.interrupted(subscription, error)

    def backlog(self, subscription: Subscription, backlog: Backlog) -> None:
        """Pass it on."""
        for telemetry in self._telemetries:
            telemetry.backlog(subscription, backlog)
