"""Deliveries of encoded entries: decoded when a step opens them, and only then."""

from collections.abc import Sequence
from typing import Protocol

import attrs

from adapters.codec.envelope import EnvelopeCodec, Fields, is_foreign
from adapters.codec.headings import heading_in
from application.events.recorded_event import RecordedEvent
from application.ports.delivery import Delivery, Heading
from application.ports.errors import FactTooEarly
from application.ports.event_store import StoredEntry
from application.ports.positions import recorded_at_s
from domain.checkout.events import CheckoutInitiated


class Adopt(Protocol):
    """Gives another program's entry its place in its entity's history."""

    def __call__(self, draft: RecordedEvent, *, starts: bool) -> int | None:
        """Its version, the same each time; None where it would be the first and is no start."""


@attrs.frozen
class Source:
    """What deliveries of one stream that were handed out together need to open themselves, and when they
    were: epoch milliseconds by the store's clock."""

    stream: str
    codec: EnvelopeCodec
    adopt: Adopt
    now_ms: float


@attrs.define(eq=False)
class EncodedDelivery(Delivery):
    """`flat` is the entry as it came: names and values in turn. Nothing is made of it before somebody asks:
    most deliveries are dropped by their type."""

    flat: Sequence[bytes]
    source: Source

    @property
    def type(self) -> str:
        return type_of(self.flat)

    @property
    def age_s(self) -> float:
        return max(0.0, self.source.now_ms / 1000 - recorded_at_s(self.position))

    @property
    def fields(self) -> Fields:
        """The entry's fields by name."""
        return dict(zip(self.flat[::2], self.flat[1::2], strict=True))

    def open(self) -> RecordedEvent:
        fields, source = self.fields, self.source
        if not is_foreign(fields):
            return source.codec.decode(source.stream, self.position, fields)
        draft = source.codec.decode(source.stream, self.position, fields, version=0)
        starts = isinstance(draft.event, CheckoutInitiated)
        version = source.adopt(draft, starts=starts)
        if version is None:  # its start may still be in another consumer's hands
            raise FactTooEarly(draft.entity)
        return source.codec.decode(source.stream, self.position, fields, version)

    def heading(self) -> Heading:
        return heading_in(self.source.stream, self.position, self.fields) or self.open()

    def look(self) -> StoredEntry:
        return self.source.codec.look(self.position, self.fields)


def type_of(flat: Sequence[bytes]) -> str:
    """The type of an entry; empty where it has none. Nearly always its first field."""
    if flat and flat[0] == b"type":
        return flat[1].decode(errors="replace")
    for n in range(0, len(flat), 2):
        if flat[n] == b"type":
            return flat[n + 1].decode(errors="replace")
    return ""
