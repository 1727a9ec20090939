"""Entries of a stream: as we write them, and as text."""

from collections.abc import Mapping
from typing import Final

from adapters.codec.envelope import EnvelopeCodec, encode
from application.events.origin import NO_ORIGIN, Origin
from application.events.recorded_event import RecordedEvent
from application.events.streams import CHECKOUTS, Event
from application.ports.event_store import NewEvent

POSITION: Final = "1700000000000-0"
AT_S: Final = 1700000000.125

Fields = Mapping[bytes, bytes]


def entry_of(event: Event, *, version: int = 1, origin: Origin = NO_ORIGIN) -> Fields:
    """The entry that we write for `event`."""
    new = NewEvent(event=event, event_id="e-1", causation_id="e-0", origin=origin)
    return encode(new, version=version, emitted_at_s=AT_S)


def read(fields: Fields, version: int | None = None) -> RecordedEvent:
    """The event in an entry."""
    return EnvelopeCodec().decode(CHECKOUTS, POSITION, fields, version)


def as_text(fields: Fields) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in fields.items()}


def as_fields(text: Mapping[str, str | bytes]) -> Fields:
    return {
        name.encode(): value if isinstance(value, bytes) else value.encode() for name, value in text.items()
    }
