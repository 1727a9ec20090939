"""Counts kept for whoever wants to look, as tests do."""

from collections import Counter
from collections.abc import Sequence

from application.events.streams import Event
from application.ports.delivery import Delivery
from application.ports.event_bus import Backlog, DeadLetter, Subscription
from application.ports.event_store import NewEvent, Outcome
from application.ports.telemetry import Telemetry


class RecordingTelemetry(Telemetry):
    def __init__(self) -> None:
        self.published_types: Counter[str] = Counter()
        self.outcome_types: Counter[str] = Counter()
        self.consumed_types: Counter[str] = Counter()
        self.failures: list[tuple[str, Exception]] = []
        self.dead_letters: list[tuple[str, DeadLetter]] = []
        self.notes: list[tuple[str, str]] = []
        self.takeovers: list[tuple[str, list[str]]] = []
        self.groups_made: list[tuple[str, str]] = []
        self.interruptions: list[Exception] = []
        self.backlogs: dict[str, Backlog] = {}

    def published(self, stream: str, events: Sequence[Event]) -> None:
        self.published_types.update(type(event).__name__ for event in events)

    def noted(self, stream: str, new: NewEvent, position: str) -> None:
        self.notes.append((type(new.event).__name__, position))

    def appended(self, stream: str, outcomes: Sequence[Outcome]) -> None:
        self.outcome_types.update(type(outcome).__name__ for outcome in outcomes)

    def consumed(self, subscription: Subscription, deliveries: Sequence[Delivery]) -> None:
        self.consumed_types.update(delivery.type for delivery in deliveries)

    def failed(self, subscription: Subscription, delivery: Delivery, error: Exception) -> None:
        self.failures.append((delivery.position, error))

    def dead_lettered(self, subscription: Subscription, delivery: Delivery, why: DeadLetter) -> None:
        self.dead_letters.append((delivery.position, why))

    def taken_over(self, subscription: Subscription, deliveries: Sequence[Delivery], holder: str) -> None:
        self.takeovers.append((holder, [delivery.position for delivery in deliveries]))

    def group_made(self, subscription: Subscription, after: str) -> None:
        self.groups_made.append((subscription.group, after))

    def interrupted(self, subscription: Subscription, error: Exception) -> None:
        self.interruptions.append(error)

    def backlog(self, subscription: Subscription, backlog: Backlog) -> None:
        self.backlogs[subscription.group] = backlog
