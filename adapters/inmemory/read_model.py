"""The orders-by-client read model in memory."""

import itertools
import threading
from collections.abc import Sequence
from typing import Final

import attrs

from application.ports.errors import EditionGone
from application.ports.positions import parse
from application.ports.read_model import ClientOrders, OrderRow, ReadModel, ReadModelEditions

FIRST: Final = "0"


@attrs.define
class _Edition:
    rows: dict[str, dict[str, OrderRow]] = attrs.Factory(dict)
    """Client -> checkout -> row."""
    orders: dict[str, str] = attrs.Factory(dict)
    updated_at_s: dict[str, float] = attrs.Factory(dict)

    def put(self, row: OrderRow) -> None:
        client = self.rows.setdefault(row.client_id, {})
        known = client.get(row.checkout_id)
        if known is None or known.version < row.version:
            client[row.checkout_id] = row
            self.updated_at_s[row.client_id] = max(
                row.updated_at_s, self.updated_at_s.get(row.client_id, 0.0)
            )
            if row.commande_id is not None:
                self.orders[row.commande_id] = row.checkout_id


class InMemoryReadModel(ReadModel, ReadModelEditions):
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._names = itertools.count(1)
        self._editions = {FIRST: _Edition()}
        self._shown = FIRST
        self._built: str | None = None

    def apply(self, rows: Sequence[OrderRow]) -> None:
        with self._lock:
            for name in filter(None, (self._shown, self._built)):
                for row in rows:
                    self._editions[name].put(row)

    def orders_of(self, client_id: str, *, count: int, after: str | None = None) -> ClientOrders:
        before = parse(after) if after is not None else None
        with self._lock:
            shown = self._editions[self._shown]
            rows = sorted(
                shown.rows.get(client_id, {}).values(), key=lambda row: parse(row.position), reverse=True
            )
            updated_at_s = shown.updated_at_s.get(client_id)
        orders = [row for row in rows if row.status != "failed"]
        rest = [row for row in rows if before is None or parse(row.position) < before]
        return ClientOrders(
            client_id=client_id,
            total_orders=len(orders),
            total_failed=len(rows) - len(orders),
            last_order_id=orders[0].commande_id if orders else None,
            last_checkout_id=orders[0].checkout_id if orders else None,
            last_update_s=updated_at_s,
            rows=tuple(rest[:count]),
            next=rest[count - 1].position if len(rest) > count else None,
        )

    def checkout_of(self, commande_id: str) -> str | None:
        with self._lock:
            return self._editions[self._shown].orders.get(commande_id)

    def begin(self) -> str:
        with self._lock:
            self._built = str(next(self._names))
            self._editions[self._built] = _Edition()
            return self._built

    def put(self, edition: str, rows: Sequence[OrderRow]) -> None:
        with self._lock:
            self._must_be_built(edition)
            for row in rows:
                self._editions[edition].put(row)

    def show(self, edition: str) -> None:
        with self._lock:
            self._must_be_built(edition)
            self._shown, self._built = edition, None

    def give_up(self, edition: str) -> None:
        with self._lock:
            if self._built == edition:
                self._built = None

    def tidy(self) -> None:
        with self._lock:
            left = (self._shown, self._built)
            self._editions = {name: kept for name, kept in self._editions.items() if name in left}

    def _must_be_built(self, edition: str) -> None:
        if self._built != edition:
            raise EditionGone(edition)
