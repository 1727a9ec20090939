"""A span for each delivery that a step is given: `process TYPE`, below the span in which it was written."""

import time
from collections.abc import Sequence
from typing import Final

import attrs
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode, Tracer, get_current_span

from adapters.traces.context import context_of, one_trace_about, traceparent_of
from application.events.origin import Origin
from application.events.recorded_event import RecordedEvent
from application.ports.delivery import Delivery
from application.ports.event_bus import Subscription
from application.ports.event_store import StoredEntry
from application.worker.handler import Failures, Handler

TEXT_CHARS_MAX: Final = 128  # of what another program made up
ERROR_CHARS_MAX: Final = 500

TRIED_ALONE: Final = "comptoir.tried_again_alone"
"""On the spans of a batch that broke: whose fault it was shows in the spans that follow."""


class TracedSteps(Handler):
    """`handler`, with a span for each of its deliveries. What it appends for one carries that one's span on,
    so that the spans of who handles that hang below."""

    def __init__(self, handler: Handler, tracer: Tracer, subscription: Subscription) -> None:
        self.types = handler.types
        self._handler = handler
        self._tracer = tracer
        self._common = {
            "messaging.system": "redis_streams",
            "messaging.operation.type": "process",
            "messaging.operation.name": "process",
            "messaging.destination.name": subscription.stream,
            "messaging.consumer.group.name": subscription.group,
            "messaging.client.id": subscription.consumer,
        }

    def handle(self, deliveries: Sequence[Delivery]) -> Failures:
        begun_ns = time.time_ns()
        traced = [_traced(delivery, self._tracer, self._common, begun_ns) for delivery in deliveries]
        try:
            failures = self._handler.handle(traced)
        except BaseException as error:
            for delivery in traced:
                delivery.end(error, alone=len(traced) == 1)
            raise
        for delivery in traced:
            delivery.end(failures.get(delivery.position))
        return failures

    def tick(self) -> None:
        self._handler.tick()

    def give_up(self, delivery: Delivery, reason: str) -> None:
        self._handler.give_up(delivery, reason)


@attrs.define(eq=False)
class TracedDelivery(Delivery):
    """`inner`, whose span begins when it is opened or looked at: its trace is not known before."""

    inner: Delivery
    tracer: Tracer
    common: dict[str, str]
    begun_ns: int
    _span: Span | None = None

    @property
    def type(self) -> str:
        return self.inner.type

    @property
    def age_s(self) -> float:
        return self.inner.age_s

    def open(self) -> RecordedEvent:
        event = self.inner.open()
        span = self._span or self._begin(event.origin, event.entity)
        traceparent = traceparent_of(span) if span.is_recording() else None
        if traceparent is None:  # sampled out: as if there were no span
            return event
        return attrs.evolve(event, origin=attrs.evolve(event.origin, traceparent=traceparent))

    def look(self) -> StoredEntry:
        entry = self.inner.look()
        if self._span is None:
            origin = Origin.of(entry.traceparent, entry.correlation_id)
            self._begin(origin, (entry.checkout_id or "")[:TEXT_CHARS_MAX])
        return entry

    def end(self, error: BaseException | None, *, alone: bool = True) -> None:
        """The step is done with it, or failed. Not `alone`: a batch failed, and is tried again one by one."""
        if self._span is None:
            self.look()
        span = self._span
        assert span is not None
        if error is not None and not alone:
            span.set_attribute(TRIED_ALONE, True)
        elif error is not None:
            span.set_attribute("error.type", type(error).__qualname__)
            span.set_status(Status(StatusCode.ERROR, str(error)[:ERROR_CHARS_MAX]))
        span.end()

    def _begin(self, origin: Origin, checkout_id: str) -> Span:
        within = context_of(origin.traceparent)
        created_in = get_current_span(within).get_span_context()
        with one_trace_about(checkout_id or self.position):
            span = self.tracer.start_span(
                f"process {self.type[:TEXT_CHARS_MAX]}",
                within,
                SpanKind.CONSUMER,
                links=[Link(created_in)] if created_in.is_valid else [],
                start_time=self.begun_ns,
            )
        if span.is_recording():
            span.set_attributes(self.common)
            span.set_attribute("messaging.message.id", self.position)
            span.set_attribute("comptoir.attempt", self.attempt)
            if checkout_id:
                span.set_attribute("comptoir.checkout_id", checkout_id)
            if origin.correlation_id:
                span.set_attribute("messaging.message.conversation_id", origin.correlation_id)
        self._span = span
        return span


def _traced(inner: Delivery, tracer: Tracer, common: dict[str, str], begun_ns: int) -> TracedDelivery:
    return TracedDelivery(inner.position, inner.attempt, inner, tracer, common, begun_ns)
