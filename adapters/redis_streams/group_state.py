"""Where a consumer group is in its stream, and what it has before it."""

import time
from collections.abc import Callable, Mapping
from typing import Any, cast

import attrs
from redis import Redis
from redis.exceptions import ResponseError

from adapters.redis_streams.errors import NO_GROUP
from adapters.redis_streams.keys import dead_letter_counts_key, stream_key
from adapters.redis_streams.server_clock import ServerClock
from application.ports.event_bus import Backlog, Subscription

BEGINNING = "0-0"
PAGE_ENTRIES = 500  # read at once to be counted


@attrs.frozen(kw_only=True)
class LagCount:
    """How the lag is counted by hand: `entries_max` of them where the server's count is missing or wrong,
    and to check it whenever it was believed for `trusted_s`."""

    entries_max: int = 10_000
    trusted_s: float = 30.0


BY_DEFAULT = LagCount()


class GroupState:
    """Looks, and changes nothing.

    Every method raises:
        ResponseError: `NOGROUP ...`, the group has vanished.
    """

    def __init__(
        self,
        client: "Redis",
        clock: ServerClock,
        monotonic_s: Callable[[], float] = time.monotonic,
        counting: LagCount = BY_DEFAULT,
    ) -> None:
        self._redis = client
        self._clock = clock
        self._monotonic_s = monotonic_s
        self._counting = counting
        self._trusted_until_s: dict[tuple[str, str], float] = {}

    def extent(self, subscription: Subscription) -> tuple[str, str | None]:
        """The group's cursor, and its oldest pending delivery."""
        cursor: bytes = self._told(subscription)["last-delivered-id"]
        pending: Any = self._redis.xpending(stream_key(subscription.stream), subscription.group)
        oldest: bytes | None = pending["min"]
        return cursor.decode(), oldest.decode() if oldest else None

    def backlog(self, subscription: Subscription) -> Backlog:
        """How far the group is behind."""
        self._clock.measure()
        stream, group = stream_key(subscription.stream), self._told(subscription)
        beyond = b"(" + group["last-delivered-id"]
        pipe = self._redis.pipeline(transaction=False)
        pipe.xrange(stream, min=beyond, count=1)
        pipe.xpending_range(stream, subscription.group, "-", "+", 1)
        pipe.hget(dead_letter_counts_key(subscription.stream), subscription.group)
        pipe.xinfo_stream(stream)
        waiting, pending, dead_letters, extent = pipe.execute()
        return Backlog(
            lag_events=self._lag(stream, group, beyond, extent) if waiting else 0,
            lag_s=self._clock.age_s(waiting[0][0]) if waiting else 0.0,
            pending=group["pending"],
            oldest_pending_s=self._clock.age_s(pending[0]["message_id"]) if pending else 0.0,
            oldest_pending_attempts=pending[0]["times_delivered"] if pending else 0,
            dead_letters=int(dead_letters or 0),
            stream_events=extent["length"],
        )

    def _lag(self, stream: str, group: Mapping[str, Any], beyond: bytes, extent: Mapping[str, Any]) -> int:
        """The server's count is wrong, or missing, once an entry of the stream was deleted, and missing
        for a group that came back in the middle. Redis (seen on 7.0.15) also counts too many after a restart
        from an append-only file that was rewritten (redis/redis#10569): so it is believed for a while only
        once as many were found as it says, or more than are counted."""
        told: int | None = group.get("lag") if extent["entries-added"] == extent["length"] else None
        key, now_s = (stream, group["name"]), self._monotonic_s()
        if told is not None and now_s < self._trusted_until_s.get(key, 0.0):
            return told
        found = self._found(stream, beyond)
        if told is None or found < min(told, self._counting.entries_max):
            return found
        self._trusted_until_s[key] = now_s + self._counting.trusted_s
        return max(told, found)

    def _found(self, stream: str, beyond: bytes) -> int:
        """How many entries are there, in pages: they come over whole, and others wait for the server."""
        found = 0
        while wanted := min(PAGE_ENTRIES, self._counting.entries_max - found):
            page: Any = self._redis.xrange(stream, min=beyond, count=wanted)
            found += len(page)
            if len(page) < wanted:
                break
            beyond = b"(" + page[-1][0]
        return found

    def _told(self, subscription: Subscription) -> Mapping[str, Any]:
        """What the server says of the group."""
        try:
            groups: Any = self._redis.xinfo_groups(stream_key(subscription.stream))
        except ResponseError as error:
            if "no such key" not in str(error).lower():
                raise
            groups = []
        for group in groups:
            if group["name"] == subscription.group.encode():
                return cast(Mapping[str, Any], group)
        raise ResponseError(f"{NO_GROUP} {subscription.group}")
