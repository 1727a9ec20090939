"""An event store that tells what was published through it."""

from collections.abc import Iterable, Mapping, Sequence

from application.ports.event_store import Appended, EventStore, Outcome, Page, Transaction
from application.ports.telemetry import Telemetry
from application.recorded_event import RecordedEvent
from domain.inventory.stock_item import StockItem


class MeteredEventStore(EventStore):
    """`store`, with each transaction that was written reported to `telemetry`.

    An append whose outcome stays unknown may go uncounted: repeated, it is a duplicate.
    """

    def __init__(self, store: EventStore, telemetry: Telemetry) -> None:
        self._store = store
        self._telemetry = telemetry

    def append(self, stream: str, transactions: Sequence[Transaction]) -> list[Outcome]:
        """Append and report."""
        outcomes = self._store.append(stream, transactions)
        published = [
            new.event
            for transaction, outcome in zip(transactions, outcomes, strict=True)
            if isinstance(outcome, Appended)
            for write in transaction
            for new in write.events
        ]
        if published:
            self._telemetry.published(stream, published)
        return outcomes

    def read(self, stream: str, entities: Sequence[str]) -> list[list[RecordedEvent]]:
        """As the store does."""
        return self._store.read(stream, entities)

    def snapshots(self, stream: str, entities: Iterable[str]) -> Mapping[str, tuple[StockItem, int]]:
        """As the store does."""
        return self._store.snapshots(stream, entities)

    def known_entities(self, stream: str, *, count: int) -> list[str]:
        """As the store does."""
        return self._store.known_entities(stream, count=count)

    def find(self, stream: str, event_ids: Sequence[tuple[str, str]]) -> list[RecordedEvent | None]:
        """As the store does."""
        return self._store.find(stream, event_ids)

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
        return self._store.page(stream, count=count, after=after, newest_first=newest_first, type=type)
