"""The orders-by-client read model on Redis: per client a sorted set of rows and a hash of totals.

A row is text: `<checkout> <version> <status> <updated> <total> <order> <reason>`, scored by its
position. `=` stands for the order id that our own worker derives from the checkout.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from redis import Redis

from adapters.redis_streams.errors import translated
from adapters.redis_streams.keys import ORDERS
from adapters.redis_streams.scores import position_of, score_of
from adapters.redis_streams.scripts import Argument, ReadScript, Script
from application.ports.read_model import ClientOrders, OrderRow, OrderStatus, ReadModel
from domain.order.order import ORDER_PREFIX, order_id

ROWS_PER_CALL_MAX = 100
NEWEST_LOOKED_AT = 100
_LETTERS: Final[dict[OrderStatus, str]] = {"created": "c", "succeeded": "s", "failed": "f"}
_STATUSES: Final[dict[str, OrderStatus]] = {letter: status for status, letter in _LETTERS.items()}
_OWN, _NONE = "=", "~"  # neither may stand in an id


class RedisReadModel(ReadModel):
    """`read_command` is how read-only scripts are run; only a stand-in server needs another one."""

    def __init__(self, client: "Redis", *, read_command: str = "EVAL_RO") -> None:
        self._redis = client
        self._apply = Script(client, "apply_orders")
        self._read = ReadScript(client, "orders", read_command)

    def apply(self, rows: Sequence[OrderRow]) -> None:
        foreign = {
            foreign_order_key(row.commande_id): row.checkout_id
            for row in rows
            if row.commande_id is not None and row.commande_id != order_id(row.checkout_id)
        }
        with translated():
            for first in range(0, len(rows), ROWS_PER_CALL_MAX):
                self._apply_some(rows[first : first + ROWS_PER_CALL_MAX])
            for key, checkout_id in foreign.items():
                self._redis.set(key, checkout_id)

    def _apply_some(self, rows: Sequence[OrderRow]) -> None:
        keys: list[str] = []
        args: list[Argument] = []
        for row in rows:
            keys += [rows_key(row.client_id), totals_key(row.client_id)]
            letter = _LETTERS[row.status]
            args += [score_of(row.position), row.checkout_id, row.version, letter]
            args += [_to_text(row), repr(row.updated_at_s)]
        self._apply(keys, args)

    def orders_of(self, client_id: str, *, count: int, after: str | None = None) -> ClientOrders:
        below = "+inf" if after is None else f"({score_of(after)}"
        with translated():
            figures, found, newest = self._read(
                [rows_key(client_id), totals_key(client_id)], [below, count + 1]
            )
        totals = dict(_pairs(figures))
        rows = [_from_text(client_id, text, float(score)) for text, score in _pairs(found)]
        last = self._newest_order(
            client_id, [_from_text(client_id, text, float(score)) for text, score in _pairs(newest)]
        )
        return ClientOrders(
            client_id=client_id,
            total_orders=int(totals.get(b"orders", 0)),
            total_failed=int(totals.get(b"failed", 0)),
            last_order_id=last.commande_id if last else None,
            last_checkout_id=last.checkout_id if last else None,
            last_update_s=float(totals[b"updated"]) if b"updated" in totals else None,
            rows=tuple(rows[:count]),
            next=rows[count - 1].position if len(rows) > count else None,
        )

    def _newest_order(self, client_id: str, newest: list[OrderRow]) -> OrderRow | None:
        """The newest row that is no failure; nearly always the newest of all."""
        first = 0
        while newest:
            for row in newest:
                if row.status != "failed":
                    return row
            first += len(newest)
            with translated():
                more: Any = self._redis.zrevrange(
                    rows_key(client_id), first, first + NEWEST_LOOKED_AT - 1, withscores=True
                )
            newest = [_from_text(client_id, text, score) for text, score in more]
        return None

    def checkout_of(self, commande_id: str) -> str | None:
        with translated():
            found: Any = self._redis.get(foreign_order_key(commande_id))
        if found is not None:
            return str(found.decode())
        return commande_id.removeprefix(ORDER_PREFIX) if commande_id.startswith(ORDER_PREFIX) else None


def _pairs(flat: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
    return list(zip(flat[::2], flat[1::2], strict=True))


def rows_key(client_id: str) -> str:
    """Sorted set: a client's rows in their order."""
    return f"{ORDERS}:{client_id}"


def totals_key(client_id: str) -> str:
    """Hash: a client's figures."""
    return f"{ORDERS}/totals:{client_id}"


def foreign_order_key(commande_id: str) -> str:
    """String: the checkout of an order that another program created under an id of its own."""
    return f"{ORDERS}/order:{commande_id}"


def _to_text(row: OrderRow) -> str:
    own = row.commande_id == order_id(row.checkout_id)
    order = _OWN if own else row.commande_id or _NONE
    total = _NONE if row.total is None else str(row.total)
    return (
        f"{row.checkout_id} {row.version} {_LETTERS[row.status]} {row.updated_at_s!r} {total} {order}"
        f" {row.reason or ''}"
    )


def _from_text(client_id: str, text: bytes, score: float) -> OrderRow:
    checkout_id, version, letter, updated, total, order, reason = text.decode().split(" ", 6)
    return OrderRow(
        checkout_id=checkout_id,
        client_id=client_id,
        status=_STATUSES[letter],
        version=int(version),
        position=position_of(score),
        updated_at_s=float(updated),
        commande_id=order_id(checkout_id) if order == _OWN else None if order == _NONE else order,
        total=None if total == _NONE else Decimal(total),
        reason=reason or None,
    )
