"""The event feed in memory."""

from adapters.codec.envelope import EnvelopeCodec
from adapters.codec.feed_entry import EncodedFeedEntry
from adapters.inmemory.log import InMemoryLog, Place, place_of, text_of
from application.ports.event_feed import EventFeed, FeedEntry


class InMemoryEventFeed(EventFeed):
    def __init__(self, log: InMemoryLog, codec: EnvelopeCodec | None = None) -> None:
        self._log = log
        self._codec = codec or EnvelopeCodec()

    def read(self, stream: str, *, after: str, count: int, block_ms: int) -> list[FeedEntry]:
        place = place_of(after)
        with self._log.lock:
            self._log.lock.wait_for(lambda: self._following(stream, place, 1), block_ms / 1000)
            entries = self._log.stream(stream).entries
            found = [text_of(place) for place in self._following(stream, place, count)]
            return [EncodedFeedEntry(position, entries[position], self._codec) for position in found]

    def _following(self, stream: str, place: Place, count: int) -> list[Place]:
        return self._log.stream(stream).after(place, count)

    def end(self, stream: str) -> str:
        with self._log.lock:
            return text_of(self._log.stream(stream).last)
