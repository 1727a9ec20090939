"""The register of open checkouts on Redis: a sorted set by their start."""

from collections.abc import Iterable, Mapping
from typing import Any

from redis import Redis

from adapters.redis_streams.errors import translated
from adapters.redis_streams.keys import open_checkouts_key
from adapters.redis_streams.timetable import rows_after
from application.events.streams import CHECKOUTS
from application.ports.open_checkouts import OpenCheckouts


class RedisOpenCheckouts(OpenCheckouts):
    """`key`: another register of checkouts, kept in the same way."""

    def __init__(self, client: "Redis", key: str = open_checkouts_key(CHECKOUTS)) -> None:
        self._redis = client
        self._key = key

    def opened(self, since_s: Mapping[str, float]) -> None:
        if since_s:
            with translated():
                self._redis.zadd(self._key, dict(since_s))

    def ended(self, checkout_ids: Iterable[str]) -> None:
        ids = list(checkout_ids)
        if ids:
            with translated():
                self._redis.zrem(self._key, *ids)

    def count(self) -> int:
        with translated():
            found: Any = self._redis.zcard(self._key)
        return int(found)

    def oldest(
        self, *, count: int, before_s: float | None = None, after: tuple[str, float] | None = None
    ) -> list[tuple[str, float]]:
        return rows_after(self._redis, self._key, after, count=count, until_s=before_s)
