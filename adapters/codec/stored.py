"""An event that was read, as the entry in which it lies."""

from adapters.codec.events import payload_of
from application.events.recorded_event import RecordedEvent
from application.events.streams import checkout_of
from application.ports.event_store import StoredEntry


def entry_of(recorded: RecordedEvent) -> StoredEntry:
    """Its entry, with the id and the version that another program's was given."""
    return StoredEntry(
        position=recorded.position,
        recorded_at_s=recorded.recorded_at_s,
        type=recorded.type,
        payload=payload_of(recorded.event) | {"emitted_at": recorded.emitted_at_s},
        emitted_at_s=recorded.emitted_at_s,
        checkout_id=checkout_of(recorded.event),
        event_id=recorded.event_id,
        version=recorded.version,
        causation_id=recorded.causation_id,
        traceparent=recorded.origin.traceparent,
        correlation_id=recorded.origin.correlation_id,
    )
