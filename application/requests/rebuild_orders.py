"""Use case: build the orders-by-client read model again from the stream, beside the one that is shown."""

import contextlib
from collections.abc import Callable, Sequence

import attrs

from application.events.recorded_event import RecordedEvent
from application.events.streams import CHECKOUTS
from application.ports.errors import Unavailable
from application.ports.event_store import EventReader, StoredEntry
from application.ports.positions import parse
from application.ports.read_model import OrderRow, ReadModelEditions
from application.steps.project_orders import order_row

PAGE = 500  # entries whose checkouts are read and put together


@attrs.frozen
class Rebuilt:
    """How many entries of the stream were looked at, and how many rows came of them."""

    entries: int = 0
    rows: int = 0


@attrs.frozen
class OrdersRebuilder:
    """Workers go on meanwhile. What is on the stream when it begins, it reads; what comes later, the
    projection puts into both editions. Groups stay where they are."""

    store: EventReader
    editions: ReadModelEditions

    def rebuild(self, progress: Callable[[Rebuilt], object]) -> Rebuilt:
        """Build it and show it. `progress` is told after each page. Cut short, it changes nothing.

        Raises:
            EditionGone: somebody else has begun since.
            Unavailable: what was shown before still is, or the new edition already. Begin again.
        """
        edition = self.editions.begin()
        try:
            rebuilt = self._build(edition, progress)
            self.editions.show(edition)
        except BaseException:
            with contextlib.suppress(Unavailable):  # then the next one that begins takes its place
                self.editions.give_up(edition)
                self.editions.tidy()
            raise
        self.editions.tidy()
        return rebuilt

    def _build(self, edition: str, progress: Callable[[Rebuilt], object]) -> Rebuilt:
        rebuilt = Rebuilt()
        newest = self.store.page(CHECKOUTS, count=1, newest_first=True).entries
        if not newest:
            return rebuilt
        end, after = parse(newest[0].position), None
        while True:
            page = self.store.page(CHECKOUTS, count=PAGE, after=after)
            rows = self._rows(page.entries, end)
            self.editions.put(edition, rows)
            rebuilt = Rebuilt(rebuilt.entries + len(page.entries), rebuilt.rows + len(rows))
            progress(rebuilt)
            after = page.next
            if after is None or parse(after) >= end:
                return rebuilt

    def _rows(self, entries: Sequence[StoredEntry], end: tuple[int, int]) -> list[OrderRow]:
        """Each checkout's with the page that has its newest event, or with any if that is beyond the end."""
        ids = list(dict.fromkeys(entry.checkout_id for entry in entries if entry.checkout_id))
        last = parse(entries[-1].position) if entries else end

        def is_due(history: Sequence[RecordedEvent]) -> bool:
            return not last < parse(history[-1].position) <= end

        histories = [history for history in self.store.read(CHECKOUTS, ids) if history]
        return [row for history in histories if is_due(history) and (row := order_row(history))]
