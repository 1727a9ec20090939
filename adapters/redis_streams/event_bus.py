"""The event bus on Redis Streams: consumer groups."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any, TypeVar, cast

from redis import Redis
from redis.exceptions import ResponseError

from adapters.codec.deliveries import EncodedDelivery, Source, type_of
from adapters.codec.envelope import EnvelopeCodec
from adapters.redis_streams.errors import translated
from adapters.redis_streams.keys import (
    REDRIVEN_IDLE_MS,
    REDRIVER,
    checkpoints_key,
    dead_letter_counts_key,
    dead_letters_key,
    entity_key,
    redriven_key,
    stream_key,
)
from adapters.redis_streams.scripts import Argument, Script
from application.delivery import Delivery
from application.ports.event_bus import (
    Backlog,
    DeadLetter,
    EventBus,
    PendingDelivery,
    Subscription,
)
from application.ports.telemetry import Telemetry
from application.positions import parse
from application.recorded_event import RecordedEvent

ORIGINAL_FIELDS_MAX = 100  # kept in a dead letter
ORIGINAL_FIELD_MAX_BYTES = 64 * 1024  # of each field kept in a dead letter; the stream has the whole
TEXT_MAX_CHARS = 20_000  # of a traceback or an error
LAG_COUNTED_MAX = 10_000  # entries counted by hand where the server has lost count
BEGINNING = "0-0"
NO_GROUP = "NOGROUP"
NO_STREAM = "UNBLOCKED"  # Redis before 7.2, to whoever was waiting when the stream was deleted
NUMBER_MAX = 10**15  # above any number within a millisecond, and still exact as a double in a script

Answer = TypeVar("Answer")
Entry = tuple[bytes, Sequence[bytes]]


class RedisEventBus(EventBus):
    """Ages are told by the server's clock: the difference to this machine's is measured now and then."""

    def __init__(self, client: "Redis", telemetry: Telemetry, codec: EnvelopeCodec | None = None) -> None:
        self._redis = client
        self._telemetry = telemetry
        # The reply as it is: most deliveries are dropped by their type, and need no dict of fields.
        client.set_response_callback("XREADGROUP", _as_it_is)
        self._codec = codec or EnvelopeCodec()
        self._adopt_script = Script(client, "adopt")
        self._join_script = Script(client, "join")
        self._forgive_script = Script(client, "forgive")
        self._set_aside_script = Script(client, "set_aside")
        self._save_checkpoint_script = Script(client, "save_checkpoint")
        self._forget_script = Script(client, "forget_consumers")
        self._ahead_s = 0.0  # how far the server's clock is ahead of this machine's

    def join(self, subscription: Subscription) -> None:
        stream, group = subscription.stream, subscription.group
        keys = [stream_key(stream), checkpoints_key(stream), redriven_key(stream, group)]
        with translated():
            self._measure_clock()
            self._join_script(keys, [group, BEGINNING, REDRIVER, REDRIVEN_IDLE_MS])

    def receive(self, subscription: Subscription, *, count: int, block_ms: int) -> list[Delivery]:
        found = self._in_group(subscription, lambda: self._read_group(subscription, count, block_ms))
        if not found:
            return []
        return self._deliveries(subscription.stream, found[0][1], repeat(1))

    def _read_group(self, subscription: Subscription, count: int, block_ms: int) -> Any:
        streams: Any = {stream_key(subscription.stream): ">"}
        return self._redis.xreadgroup(
            subscription.group,
            subscription.consumer,
            streams,
            count=count,
            block=block_ms or None,  # the server takes 0 for ever
        )

    def acknowledge(self, subscription: Subscription, positions: Sequence[str]) -> None:
        if positions:
            with translated():
                self._redis.xack(stream_key(subscription.stream), subscription.group, *positions)

    def pending(self, subscription: Subscription, *, count: int) -> list[PendingDelivery]:
        stream, group = stream_key(subscription.stream), subscription.group
        found: Any = self._in_group(
            subscription, lambda: self._redis.xpending_range(stream, group, "-", "+", count)
        )
        return [
            PendingDelivery(
                position=entry["message_id"].decode(),
                consumer=entry["consumer"].decode(),
                idle_ms=entry["time_since_delivered"],
                attempt=entry["times_delivered"],
            )
            for entry in found
        ]

    def claim(
        self, subscription: Subscription, positions: Sequence[str], *, min_idle_ms: int
    ) -> list[Delivery]:
        if not positions:
            return []
        entries, attempts = self._in_group(
            subscription, lambda: self._claim(subscription, positions, min_idle_ms)
        )
        return self._deliveries(subscription.stream, entries, attempts)

    def _claim(
        self, subscription: Subscription, positions: Sequence[str], min_idle_ms: int
    ) -> tuple[list[Entry], list[int]]:
        stream, group = stream_key(subscription.stream), subscription.group
        claimed: Any = self._redis.xclaim(stream, group, subscription.consumer, min_idle_ms, list(positions))
        entries: list[Entry] = [  # deleted ones come without fields, if they come
            (place, [part for field in fields.items() for part in field])
            for place, fields in claimed
            if fields
        ]
        pipe = self._redis.pipeline(transaction=False)
        for place, _ in entries:
            pipe.xpending_range(stream, group, place, place, 1)
        return entries, [found[0]["times_delivered"] if found else 1 for found in pipe.execute()]

    def forgive(self, subscription: Subscription, deliveries: Sequence[Delivery]) -> None:
        held: list[Argument] = [part for d in deliveries for part in (d.position, d.attempt)]
        if held:
            with translated():
                keys = [stream_key(subscription.stream)]
                self._forgive_script(keys, [subscription.group, subscription.consumer, *held])

    def set_aside(self, subscription: Subscription, delivery: Delivery, why: DeadLetter) -> None:
        stream = subscription.stream
        keys = [stream_key(stream), dead_letters_key(stream), dead_letter_counts_key(stream)]
        told = {
            "reason": why.reason,
            "attempts": str(why.attempts),
            "first_error": why.first_error,
            "last_error": why.last_error,
            "traceback": why.traceback[-TEXT_MAX_CHARS:],
        }
        limits = (ORIGINAL_FIELDS_MAX, ORIGINAL_FIELD_MAX_BYTES)
        args: list[Argument] = [subscription.group, delivery.position, *limits]
        for name, text in told.items():
            args += [name, text[:TEXT_MAX_CHARS].encode(errors="replace")]
        with translated():
            self._set_aside_script(keys, args)

    def forget_idle_consumers(self, subscription: Subscription, idle_ms: int) -> list[str]:
        asking: list[Argument] = [subscription.group, idle_ms, subscription.consumer]
        with translated():
            forgotten = self._forget_script([stream_key(subscription.stream)], asking)
        return [name.decode() for name in forgotten]

    def save_checkpoint(self, subscription: Subscription) -> None:
        # The cursor first: what is handed out after this look is above it, or pending at the next.
        cursor, oldest = self._in_group(subscription, lambda: self._extent(subscription))
        checkpoint = cursor if oldest is None else min(cursor, just_before(oldest), key=parse)
        stream, group = subscription.stream, subscription.group
        keys = [checkpoints_key(stream), stream_key(stream), redriven_key(stream, group)]
        with translated():
            self._save_checkpoint_script(keys, [group, checkpoint, cursor])

    def _extent(self, subscription: Subscription) -> tuple[str, str | None]:
        """The group's cursor, and its oldest pending delivery."""
        cursor: bytes = self._group(subscription)["last-delivered-id"]
        pending: Any = self._redis.xpending(stream_key(subscription.stream), subscription.group)
        oldest: bytes | None = pending["min"]
        return cursor.decode(), oldest.decode() if oldest else None

    def backlog(self, subscription: Subscription) -> Backlog:
        return self._in_group(subscription, lambda: self._backlog(subscription))

    def _backlog(self, subscription: Subscription) -> Backlog:
        self._measure_clock()
        stream, group = stream_key(subscription.stream), self._group(subscription)
        beyond = b"(" + group["last-delivered-id"]
        pipe = self._redis.pipeline(transaction=False)
        pipe.xrange(stream, min=beyond, count=1)
        pipe.xpending_range(stream, subscription.group, "-", "+", 1)
        pipe.hget(dead_letter_counts_key(subscription.stream), subscription.group)
        pipe.xinfo_stream(stream)
        waiting, pending, dead_letters, extent = pipe.execute()
        return Backlog(
            lag_events=self._lag(stream, group, beyond, extent) if waiting else 0,
            lag_s=self._age_s(waiting[0][0]) if waiting else 0.0,
            pending=group["pending"],
            oldest_pending_s=self._age_s(pending[0]["message_id"]) if pending else 0.0,
            dead_letters=int(dead_letters or 0),
        )

    def _lag(self, stream: str, group: Mapping[str, Any], beyond: bytes, extent: Mapping[str, Any]) -> int:
        """The server's count is wrong, or missing, once an entry of the stream was deleted, and missing
        for a group that came back in the middle. Redis (seen on 7.0.15) also counts too many after a restart
        from an append-only file that was rewritten, until nothing waits (redis/redis#10569)."""
        lag: int | None = group.get("lag")
        if lag is not None and extent["entries-added"] == extent["length"]:
            return lag
        waiting: Any = self._redis.xrange(stream, min=beyond, count=LAG_COUNTED_MAX)
        return len(waiting)

    def _group(self, subscription: Subscription) -> Mapping[str, Any]:
        """What the server says of the group. Raises ResponseError where it has vanished."""
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

    def _in_group(self, subscription: Subscription, ask: Callable[[], Answer]) -> Answer:
        """What `ask` answers; where the group has vanished, it is joined again first."""
        with translated():
            try:
                return ask()
            except ResponseError as error:
                if not str(error).startswith((NO_GROUP, NO_STREAM)):
                    raise
                self.join(subscription)
                return ask()

    def _deliveries(self, stream: str, entries: Iterable[Entry], attempts: Iterable[int]) -> list[Delivery]:
        now_ms = (time.time() + self._ahead_s) * 1000
        source = Source(stream, self._codec, self._adopt)
        deliveries: list[Delivery] = []
        for (place, flat), attempt in zip(entries, attempts, strict=False):
            age_s = max(0.0, now_ms - int(place[: place.index(b"-")])) / 1000
            deliveries.append(EncodedDelivery(place.decode(), attempt, type_of(flat), age_s, flat, source))
        return deliveries

    def _adopt(self, draft: RecordedEvent, *, starts: bool) -> int | None:
        with translated():
            answer = self._adopt_script(
                [entity_key(draft.stream, draft.entity)], [draft.position, int(starts)]
            )
        if answer is None:
            return None
        version, is_new = answer
        if is_new:
            self._telemetry.published(draft.stream, [draft.event])
        return int(version)

    def _measure_clock(self) -> None:
        asked_s = time.time()
        seconds, micros = self._redis.time()
        self._ahead_s = seconds + micros / 1e6 - (asked_s + time.time()) / 2

    def _age_s(self, place: bytes) -> float:
        return max(0.0, time.time() + self._ahead_s - int(place.split(b"-")[0]) / 1000)


def just_before(position: str) -> str:
    """The greatest position below this one."""
    milliseconds, number = parse(position)
    if number:
        return f"{milliseconds}-{number - 1}"
    return f"{milliseconds - 1}-{NUMBER_MAX}" if milliseconds else BEGINNING


def _as_it_is(reply: Any, **_options: Any) -> Any:
    return reply
