"""Telemetry as Prometheus metrics."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final, get_args

import attrs

from adapters.telemetry.metrics import Metrics
from application.events.streams import Event
from application.ports.dead_letters import REDRIVER
from application.ports.delivery import Delivery
from application.ports.event_bus import Backlog, DeadLetter, Subscription
from application.ports.event_store import Appended, Conflict, Duplicate, NewEvent, Outcome
from application.ports.telemetry import Telemetry
from domain.checkout.events import CheckoutFailed, CheckoutInitiated, CheckoutSucceeded, CompensationFailed
from domain.checkout.evolving import CANCELLATION, OPERATOR
from domain.checkout.saga import ALL_FACTS, STEPS
from domain.inventory.events import StockEvent

OTHER: Final = "other"
"""The label of what another program made up: anybody may write to a stream, nobody may swell the metrics."""

_TYPES: Final = frozenset(fact.__name__ for fact in (*ALL_FACTS, *get_args(StockEvent)))

_OUTCOMES: Final[dict[type[Outcome], str]] = {
    Appended: "appended",
    Duplicate: "duplicate",
    Conflict: "conflict",
}

SOURCES: Final = frozenset({*STEPS, CANCELLATION, OPERATOR})
"""What a failed saga may be counted under."""


@attrs.frozen
class PrometheusTelemetry(Telemetry):
    """Counts for one worker, named in the label `consumer`; a batch touches each metric once a type."""

    metrics: Metrics
    consumer: str

    def __attrs_post_init__(self) -> None:
        for source in (*SOURCES, OTHER):  # from 0 on: the first failure would not be seen as an increase
            self.metrics.saga_failed.labels(source)

    def published(self, stream: str, events: Sequence[Event]) -> None:
        """Count them, and the sagas that they start and end."""
        for kind, count in Counter(map(type, events)).items():
            self.metrics.published.labels(stream, kind.__name__).inc(count)
            if kind is CheckoutInitiated:
                self.metrics.saga_started.inc(count)
            elif kind is CheckoutSucceeded:
                self.metrics.saga_succeeded.inc(count)
            elif kind is CheckoutFailed:
                self._count_failed_sagas(events)
            elif kind is CompensationFailed:
                self.metrics.compensation_failed.inc(count)

    def noted(self, stream: str, new: NewEvent, position: str) -> None:
        """It is counted as published."""

    def appended(self, stream: str, outcomes: Sequence[Outcome]) -> None:
        """Count them by what became of them, and how many there were."""
        self.metrics.batches.observe((stream,), (len(outcomes),))
        for kind, count in Counter(map(type, outcomes)).items():
            self.metrics.appends.labels(stream, _OUTCOMES[kind]).inc(count)

    def consumed(self, subscription: Subscription, deliveries: Sequence[Delivery]) -> None:
        """Count them and how long they took to arrive."""
        topic = subscription.stream
        by_type: defaultdict[str, list[float]] = defaultdict(list)
        for delivery in deliveries:
            by_type[delivery.type].append(delivery.age_s)
        for type, ages_s in by_type.items():
            label = _label(type)
            self.metrics.consumed.labels(topic, label, self.consumer).inc(len(ages_s))
            self.metrics.latency.observe((topic, label), ages_s)

    def failed(
        self,
        subscription: Subscription,
        delivery: Delivery,
        error: Exception,
    ) -> None:
        """Count the attempt."""
        self._count_failure(subscription, delivery)

    def dead_lettered(
        self,
        subscription: Subscription,
        delivery: Delivery,
        why: DeadLetter,
    ) -> None:
        """Count the dead letter, and the attempt that was its last."""
        self._count_failure(subscription, delivery)
        self.metrics.dead_letters.labels(subscription.stream, self.consumer).inc()

    def taken_over(self, subscription: Subscription, deliveries: Sequence[Delivery], holder: str) -> None:
        """Count them; what an operator redrove was left by nobody."""
        if holder != REDRIVER:
            self.metrics.takeovers.labels(subscription.stream, self.consumer).inc(len(deliveries))

    def group_made(self, subscription: Subscription, after: str) -> None:
        """Nothing to count."""

    def interrupted(self, subscription: Subscription, error: Exception) -> None:
        """Count the round."""
        self.metrics.interruptions.inc()

    def backlog(self, subscription: Subscription, backlog: Backlog) -> None:
        """Show it."""
        gauges = self.metrics.groups
        labels = (subscription.stream, subscription.group)
        gauges.lag_events.labels(*labels).set(backlog.lag_events)
        gauges.lag_s.labels(*labels).set(backlog.lag_s)
        gauges.pending.labels(*labels).set(backlog.pending)
        gauges.oldest_pending_s.labels(*labels).set(backlog.oldest_pending_s)
        gauges.oldest_pending_attempts.labels(*labels).set(backlog.oldest_pending_attempts)
        gauges.dead_letters.labels(*labels).set(backlog.dead_letters)
        self.metrics.stream_events.labels(subscription.stream).set(backlog.stream_events)

    def _count_failure(self, subscription: Subscription, delivery: Delivery) -> None:
        self.metrics.failures.labels(subscription.stream, _label(delivery.type), self.consumer).inc()

    def _count_failed_sagas(self, events: Sequence[Event]) -> None:
        sources = Counter(event.source for event in events if isinstance(event, CheckoutFailed))
        for source, count in sources.items():
            self.metrics.saga_failed.labels(source if source in SOURCES else OTHER).inc(count)


def _label(type: str) -> str:
    return type if type in _TYPES else OTHER
