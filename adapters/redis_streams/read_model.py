"""The orders-by-client read model on Redis: per client a sorted set of rows and a hash of totals.

A row is text: `<checkout> <version> <status> <updated> <total> <order> <reason>`, scored by its
position. `=` stands for the order id that our own worker derives from the checkout.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final, TypeVar

from redis import Redis

from adapters.redis_streams.editions import EDITIONS_KEY, Editions, foreign_order_key, rows_key, totals_key
from adapters.redis_streams.errors import translated
from adapters.redis_streams.scores import position_of, score_of
from adapters.redis_streams.scripts import Argument, ReadScript, Script
from application.ports.errors import Unavailable
from application.ports.positions import parse
from application.ports.read_model import ClientOrders, OrderRow, OrderStatus, ReadModel
from domain.order.order import ORDER_PREFIX, order_id

ROWS_PER_CALL_MAX = 100
NEWEST_LOOKED_AT = 100
ROUNDS_MAX = 8  # of looking again, each for an edition that was begun or shown meanwhile
_LETTERS: Final[dict[OrderStatus, str]] = {"created": "c", "succeeded": "s", "failed": "f"}
_STATUSES: Final[dict[str, OrderStatus]] = {letter: status for status, letter in _LETTERS.items()}
_OWN, _NONE = "=", "~"  # neither may stand in an id

T = TypeVar("T")


class EditionsChanged(Exception):
    """Nothing was done: these are the editions now."""

    def __init__(self, editions: Editions) -> None:
        self.editions = editions


class RowWriter:
    """Puts rows into editions."""

    def __init__(self, client: "Redis") -> None:
        self._redis = client
        self._apply = Script(client, "apply_orders")

    def write(self, rows: Sequence[OrderRow], known: Editions, into: Sequence[str]) -> None:
        """Raises EditionsChanged where they are not those that are `known`: some rows may be in."""
        for first in range(0, len(rows), ROWS_PER_CALL_MAX):
            self._write_some(rows[first : first + ROWS_PER_CALL_MAX], known, into)
        for row in rows:
            if row.commande_id is not None and row.commande_id != order_id(row.checkout_id):
                for edition in into:
                    self._redis.set(foreign_order_key(edition, row.commande_id), row.checkout_id)

    def _write_some(self, rows: Sequence[OrderRow], known: Editions, into: Sequence[str]) -> None:
        keys: list[str] = [EDITIONS_KEY]
        args: list[Argument] = [str(known)]
        for row in rows:
            told: list[Argument] = [score_of(row.position), row.checkout_id, row.version]
            told += [_LETTERS[row.status], _to_text(row), repr(row.updated_at_s)]
            for edition in into:
                keys += [rows_key(edition, row.client_id), totals_key(edition, row.client_id)]
                args += told
        if (found := Editions.of(self._apply(keys, args))) != known:
            raise EditionsChanged(found)


class RedisReadModel(ReadModel):
    """`read_command` is how read-only scripts are run; only a stand-in server needs another one."""

    def __init__(self, client: "Redis", *, read_command: str = "EVAL_RO") -> None:
        self._redis = client
        self._writer = RowWriter(client)
        self._read = ReadScript(client, "orders", read_command)
        self._known = Editions()

    def apply(self, rows: Sequence[OrderRow]) -> None:
        self._in_editions(lambda known: self._writer.write(rows, known, known.written))

    def orders_of(self, client_id: str, *, count: int, after: str | None = None) -> ClientOrders:
        below = "+inf" if after is None else f"({score_of(after)}"
        return self._in_editions(lambda known: self._orders_of(known, client_id, below, count))

    def checkout_of(self, commande_id: str) -> str | None:
        return self._in_editions(lambda known: self._checkout_of(known, commande_id))

    def _in_editions(self, do: Callable[[Editions], T]) -> T:
        """What `do` gives, done on the editions as they are."""
        for _ in range(ROUNDS_MAX):
            try:
                with translated():
                    return do(self._known)
            except EditionsChanged as changed:
                self._known = changed.editions
        raise Unavailable("the read model's editions kept changing")

    def _orders_of(self, known: Editions, client_id: str, below: str, count: int) -> ClientOrders:
        figures, rows, newest = self._look(known, client_id, [below, count + 1, 0, 1])
        totals = dict(_pairs(figures))
        last = self._newest_order(known, client_id, newest)
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

    def _look(
        self, known: Editions, client_id: str, wanted: Sequence[Argument]
    ) -> tuple[Sequence[bytes], list[OrderRow], list[OrderRow]]:
        """A client's figures, a page of rows, and some of the newest of all; `wanted` is as in orders.lua."""
        keys = [EDITIONS_KEY, rows_key(known.shown, client_id), totals_key(known.shown, client_id)]
        editions, *told = self._read(keys, [str(known), *wanted])
        if not told:
            raise EditionsChanged(Editions.of(editions))
        figures, *found = told
        rows, newest = (
            [_from_text(client_id, text, float(score)) for text, score in _pairs(flat)] for flat in found
        )
        return figures, rows, newest

    def _newest_order(self, known: Editions, client_id: str, newest: list[OrderRow]) -> OrderRow | None:
        """The newest row that is no failure; nearly always the newest of all."""
        first = 0
        while newest:
            for row in newest:
                if row.status != "failed":
                    return row
            first += len(newest)
            newest = self._look(known, client_id, ["+inf", 0, first, NEWEST_LOOKED_AT])[2]
        return None

    def _checkout_of(self, known: Editions, commande_id: str) -> str | None:
        keys = [EDITIONS_KEY, foreign_order_key(known.shown, commande_id)]
        answer: Any = self._redis.mget(keys)
        editions, found = answer
        if (now := Editions.of(editions)) != known:
            raise EditionsChanged(now)
        if found is not None:
            return str(found.decode())
        return commande_id.removeprefix(ORDER_PREFIX) if commande_id.startswith(ORDER_PREFIX) else None


def _pairs(flat: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
    return list(zip(flat[::2], flat[1::2], strict=True))


def _to_text(row: OrderRow) -> str:
    own = row.commande_id == order_id(row.checkout_id)
    order = _OWN if own else row.commande_id or _NONE
    total = _NONE if row.total is None else str(row.total)
    return (
        f"{row.checkout_id} {row.version} {_LETTERS[row.status]} {_updated(row)} {total} {order}"
        f" {row.reason or ''}"
    )


def _updated(row: OrderRow) -> str:
    """`+9` or `-1` for so many ms after or before its position: a few bytes for fourteen."""
    milliseconds = parse(row.position)[0]
    since = round(row.updated_at_s * 1000) - milliseconds
    exact = (milliseconds + since) / 1000 == row.updated_at_s
    return f"{since:+d}" if exact else repr(row.updated_at_s)


def _updated_at_s(text: str, position: str) -> float:
    return (parse(position)[0] + int(text)) / 1000 if text.startswith(("+", "-")) else float(text)


def _from_text(client_id: str, text: bytes, score: float) -> OrderRow:
    checkout_id, version, letter, updated, total, order, reason = text.decode().split(" ", 6)
    return OrderRow(
        checkout_id=checkout_id,
        client_id=client_id,
        status=_STATUSES[letter],
        version=int(version),
        position=position_of(score),
        updated_at_s=_updated_at_s(updated, position_of(score)),
        commande_id=order_id(checkout_id) if order == _OWN else None if order == _NONE else order,
        total=None if total == _NONE else Decimal(total),
        reason=reason or None,
    )
