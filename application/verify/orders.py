"""Check: the read model shows what replay says."""

from collections.abc import Iterable, Sequence

import attrs

from application.events.recorded_event import RecordedEvent
from application.events.streams import CHECKOUTS
from application.ports.event_store import EventReader, StoredEntry
from application.ports.positions import after, parse
from application.ports.read_model import OrderRow, OrdersReader
from application.steps.project_orders import order_row
from application.verify.verdict import Verdict

CLIENT_ROWS = 100  # a client's figures are counted where it has no more rows than this


class OrdersCheck:
    """`until`: the position up to which the projection is done; what follows is not held against it."""

    def __init__(self, store: EventReader, orders: OrdersReader, verdict: Verdict, until: str | None) -> None:
        self._store = store
        self._orders = orders
        self._verdict = verdict
        self._until = parse(until) if until is not None else (0, 0)
        self._clients: set[str] = set()

    def look(self, page: Sequence[StoredEntry], histories: Iterable[Sequence[RecordedEvent]]) -> None:
        """Each checkout is looked at once: with the page that has its newest event."""
        here = {entry.position for entry in page}
        for history in histories:
            if history and history[-1].position in here and parse(history[-1].position) <= self._until:
                self._compare(history)

    def _compare(self, history: Sequence[RecordedEvent]) -> None:
        expected = order_row(history)
        if expected is None:
            return
        self._verdict.looks_at("read model")
        found = self._orders.orders_of(expected.client_id, count=1, after=after(expected.position)).rows
        if [_shown(row) for row in found] != [_shown(expected)] and not self._has_moved_on(history):
            where = f"{expected.client_id} {expected.checkout_id}"
            self._verdict.found("read model", where, _difference(expected, found))
        if expected.client_id not in self._clients:
            self._clients.add(expected.client_id)
            self._count(expected.client_id)

    def _has_moved_on(self, history: Sequence[RecordedEvent]) -> bool:
        """Whether it had news in the meantime; then it is for the projection to go on."""
        return self._store.versions(CHECKOUTS, [history[-1].entity]) != [len(history)]

    def _count(self, client_id: str) -> None:
        """Figures and rows come together, so that they must agree at any moment."""
        client = self._orders.orders_of(client_id, count=CLIENT_ROWS)
        failed = sum(row.status == "failed" for row in client.rows)
        rows, figures = (len(client.rows) - failed, failed), (client.total_orders, client.total_failed)
        if client.next is None and rows != figures:
            told = f"it counts {figures[0]} orders and {figures[1]} failures, and has {rows[0]} and {rows[1]}"
            self._verdict.found("read model", client_id, told)
        ids = [row.checkout_id for row in client.rows]
        for id_, version in zip(ids, self._store.versions(CHECKOUTS, ids), strict=True):
            if version == 0:
                self._verdict.found("read model", f"{client_id} {id_}", "the stream has no such checkout")


def _shown(row: OrderRow) -> OrderRow:
    """What a client sees: facts that change no row may raise the version without the projection's doing."""
    return attrs.evolve(row, version=0, updated_at_s=0.0)


def _difference(expected: OrderRow, found: Sequence[OrderRow]) -> str:
    if not found or found[0].checkout_id != expected.checkout_id:
        return f"it has no row; replay says {expected.status}"
    return f"it shows {found[0].status}, {found[0].total}; replay says {expected.status}, {expected.total}"
