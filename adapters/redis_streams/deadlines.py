"""The timetable on Redis: a sorted set by due time."""

from collections.abc import Iterable, Mapping

from redis import Redis

from adapters.redis_streams.errors import translated
from adapters.redis_streams.keys import deadlines_key
from adapters.redis_streams.timetable import rows_after
from application.events.streams import CHECKOUTS
from application.ports.cursors import cursor_of, row_of
from application.ports.deadlines import Deadlines


class RedisDeadlines(Deadlines):
    def __init__(self, client: "Redis") -> None:
        self._redis = client
        self._key = deadlines_key(CHECKOUTS)

    def schedule(self, due_s: Mapping[str, float]) -> None:
        if due_s:
            with translated():
                self._redis.zadd(self._key, dict(due_s), nx=True)

    def postpone(self, due_s: Mapping[str, float]) -> None:
        if due_s:
            with translated():
                self._redis.zadd(self._key, dict(due_s), xx=True)

    def upcoming(self, *, count: int, after: str | None = None) -> tuple[list[tuple[str, float]], str | None]:
        last = row_of(after) if after is not None else None
        rows = rows_after(self._redis, self._key, last, count=count + 1)
        return rows[:count], cursor_of(rows[count - 1]) if len(rows) > count else None

    def cancel(self, checkout_ids: Iterable[str]) -> None:
        ids = list(checkout_ids)
        if ids:
            with translated():
                self._redis.zrem(self._key, *ids)

    def due(self, now_s: float, *, count: int) -> list[str]:
        with translated():
            found = self._redis.zrangebyscore(self._key, "-inf", now_s, start=0, num=count)
        return [member.decode() for member in found]  # type: ignore[union-attr]
