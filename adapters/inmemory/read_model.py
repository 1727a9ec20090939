"""The orders-by-client read model in memory."""

import threading
from collections.abc import Sequence

from application.ports.read_model import ClientOrders, OrderRow, ReadModel
from application.positions import parse


class InMemoryReadModel(ReadModel):
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[str, dict[str, OrderRow]] = {}
        self._orders: dict[str, str] = {}
        self._updated_at_s: dict[str, float] = {}

    def apply(self, rows: Sequence[OrderRow]) -> None:
        with self._lock:
            for row in rows:
                client = self._rows.setdefault(row.client_id, {})
                known = client.get(row.checkout_id)
                if known is None or known.version < row.version:
                    client[row.checkout_id] = row
                    updated_at_s = max(row.updated_at_s, self._updated_at_s.get(row.client_id, 0.0))
                    self._updated_at_s[row.client_id] = updated_at_s
                    if row.commande_id is not None:
                        self._orders[row.commande_id] = row.checkout_id

    def orders_of(self, client_id: str, *, count: int, after: str | None = None) -> ClientOrders:
        before = parse(after) if after is not None else None
        with self._lock:
            rows = sorted(
                self._rows.get(client_id, {}).values(),
                key=lambda row: parse(row.position),
                reverse=True,
            )
        orders = [row for row in rows if row.status != "failed"]
        rest = [row for row in rows if before is None or parse(row.position) < before]
        return ClientOrders(
            client_id=client_id,
            total_orders=len(orders),
            total_failed=len(rows) - len(orders),
            last_order_id=orders[0].commande_id if orders else None,
            last_checkout_id=orders[0].checkout_id if orders else None,
            last_update_s=self._updated_at_s.get(client_id),
            rows=tuple(rest[:count]),
            next=rest[count - 1].position if len(rest) > count else None,
        )

    def checkout_of(self, commande_id: str) -> str | None:
        with self._lock:
            return self._orders.get(commande_id)
