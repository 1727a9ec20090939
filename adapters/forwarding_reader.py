"""The reading half of an event store that stands in front of another."""

from collections.abc import Iterable, Mapping, Sequence

from application.events.recorded_event import RecordedEvent
from application.ports.event_store import EventReader, Page
from domain.inventory.stock_item import StockItem


class ForwardingReader(EventReader):
    """Reads as `reader` does, for a store that changes how things are written and nothing else."""

    def __init__(self, reader: EventReader) -> None:
        self._reader = reader

    def read(self, stream: str, entities: Sequence[str]) -> list[list[RecordedEvent]]:
        """As the store does."""
        return self._reader.read(stream, entities)

    def versions(self, stream: str, entities: Sequence[str]) -> list[int]:
        """As the store does."""
        return self._reader.versions(stream, entities)

    def snapshots(self, stream: str, entities: Iterable[str]) -> Mapping[str, tuple[StockItem, int]]:
        """As the store does."""
        return self._reader.snapshots(stream, entities)

    def known_entities(self, stream: str, *, count: int) -> list[str]:
        """As the store does."""
        return self._reader.known_entities(stream, count=count)

    def find(self, stream: str, event_ids: Sequence[tuple[str, str]]) -> list[RecordedEvent | None]:
        """As the store does."""
        return self._reader.find(stream, event_ids)

    def page(
        self,
        stream: str,
        *,
        count: int,
        after: str | None = None,
        newest_first: bool = False,
        type: str | None = None,
    ) -> Page:
        """As the store does."""
        return self._reader.page(stream, count=count, after=after, newest_first=newest_first, type=type)
