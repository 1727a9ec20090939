"""Building the read model again on Redis."""

import secrets
from collections.abc import Sequence
from typing import Any, Final

from redis import Redis

from adapters.redis_streams.editions import EDITIONS_KEY, ORDERS, Editions, edition_of
from adapters.redis_streams.errors import translated
from adapters.redis_streams.read_model import ROUNDS_MAX, EditionsChanged, RowWriter
from adapters.redis_streams.scripts import Script
from application.ports.errors import EditionGone, Unavailable
from application.ports.read_model import OrderRow, ReadModelEditions

KEYS_PER_CALL: Final = 1_000


class RedisReadModelEditions(ReadModelEditions):
    def __init__(self, client: "Redis") -> None:
        self._redis = client
        self._writer = RowWriter(client)
        self._change = Script(client, "change_editions")

    def begin(self) -> str:
        edition = secrets.token_hex(8)
        for _ in range(ROUNDS_MAX):
            if self._changed(known := self._now(), Editions(known.shown, edition)):
                return edition
        raise Unavailable("others keep beginning editions of the read model")

    def put(self, edition: str, rows: Sequence[OrderRow]) -> None:
        known = self._building(edition)
        try:
            with translated():
                self._writer.write(rows, known, [edition])
        except EditionsChanged as changed:
            raise EditionGone(edition) from changed

    def show(self, edition: str) -> None:
        if not self._changed(self._building(edition), Editions(edition)):
            raise EditionGone(edition)

    def give_up(self, edition: str) -> None:
        known = self._now()
        if known.built == edition:
            self._changed(known, Editions(known.shown))

    def tidy(self) -> None:
        """What to leave is asked after each look at keys: what is neither shown nor built then never will."""
        cursor = -1
        while cursor:
            with translated():
                answer: Any = self._redis.scan(max(cursor, 0), match=f"{ORDERS}*", count=KEYS_PER_CALL)
                cursor, keys = answer
                left = self._now().written
                gone = [
                    key for key in keys if (edition := edition_of(key)) is not None and edition not in left
                ]
                if gone:
                    self._redis.unlink(*gone)

    def _now(self) -> Editions:
        with translated():
            found: Any = self._redis.get(EDITIONS_KEY)
        return Editions.of(found)

    def _building(self, edition: str) -> Editions:
        known = self._now()
        if known.built != edition:
            raise EditionGone(edition)
        return known

    def _changed(self, known: Editions, wanted: Editions) -> bool:
        with translated():
            return Editions.of(self._change([EDITIONS_KEY], [str(known), str(wanted)])) == known
