"""Sorted sets of checkouts by a time, read page by page."""

from typing import Any

from redis import Redis

from adapters.redis_streams.errors import translated
from application.ports.cursors import Row, follows


def rows_after(
    client: "Redis", key: str, last: Row | None, *, count: int, until_s: float | None = None
) -> list[Row]:
    """At most `count` rows that follow `last`, by time and then by id, up to the time `until_s`."""
    low = "-inf" if last is None else last[1]
    high = "+inf" if until_s is None else until_s
    rows: list[Row] = []
    start = 0
    while len(rows) < count:  # nearly always once: only rows of the very same time come to be passed over
        with translated():
            found: Any = client.zrangebyscore(key, low, high, start=start, num=count + 1, withscores=True)
        read = [(id_.decode(), at_s) for id_, at_s in found]
        rows += [row for row in read if last is None or follows(row, last)]
        start += len(found)
        if len(found) <= count:
            break
    return rows[:count]
