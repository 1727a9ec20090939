"""An event store that tells what was published through it."""

from collections.abc import Sequence

from adapters.forwarding_reader import ForwardingReader
from application.events.streams import CALLS
from application.ports.event_store import Appended, EventStore, Outcome, Transaction
from application.ports.telemetry import Telemetry


class MeteredEventStore(ForwardingReader, EventStore):
    """`store`, with every append, and each event that was written, reported to `telemetry`.

    An append whose outcome stays unknown may go uncounted: repeated, it is a duplicate.
    """

    def __init__(self, store: EventStore, telemetry: Telemetry) -> None:
        super().__init__(store)
        self._store = store
        self._telemetry = telemetry

    def append(self, stream: str, transactions: Sequence[Transaction]) -> list[Outcome]:
        """Append and report."""
        outcomes = self._store.append(stream, transactions)
        self._telemetry.appended(stream, outcomes)
        published = [
            new.event
            for transaction, outcome in zip(transactions, outcomes, strict=True)
            if isinstance(outcome, Appended)
            for write in transaction
            for new in write.events
        ]
        if published:
            self._telemetry.published(stream, published)
        if stream == CALLS:
            self._note(transactions, outcomes)
        return outcomes

    def _note(self, transactions: Sequence[Transaction], outcomes: Sequence[Outcome]) -> None:
        for transaction, outcome in zip(transactions, outcomes, strict=True):
            if isinstance(outcome, Appended):
                written = [new for write in transaction for new in write.events]
                for new, position in zip(written, outcome.positions, strict=True):
                    self._telemetry.noted(CALLS, new, position)
