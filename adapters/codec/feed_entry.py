"""Entries as they came, whose headings cost nothing to read."""

from collections.abc import Mapping

import attrs

from adapters.codec.envelope import EnvelopeCodec
from application.ports.event_feed import FeedEntry
from application.ports.event_store import StoredEntry


@attrs.define(eq=False)
class EncodedFeedEntry(FeedEntry):
    """Two of them are the same if they are one object, so that what was made of it can be kept beside it."""

    position: str
    fields: Mapping[bytes, bytes]
    codec: EnvelopeCodec
    _looked: StoredEntry | None = None

    @property
    def type(self) -> str:
        return self.fields.get(b"type", b"").decode(errors="replace")

    @property
    def checkout_id(self) -> str | None:
        """Other programs may say it in the payload alone."""
        said = self.fields.get(b"checkout_id")
        return said.decode(errors="replace") if said else self.look().checkout_id

    @property
    def size_bytes(self) -> int:
        return sum(map(len, self.fields.values()))

    def look(self) -> StoredEntry:
        if self._looked is None:
            self._looked = self.codec.look(self.position, self.fields)
        return self._looked
