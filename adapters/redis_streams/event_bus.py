"""The event bus on Redis Streams: consumer groups."""

import time
from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any

from redis import Redis
from redis.exceptions import ResponseError

from adapters.codec.deliveries import EncodedDelivery, Source, type_of
from adapters.codec.envelope import EnvelopeCodec
from adapters.redis_streams.errors import translated
from adapters.redis_streams.keys import (
    checkpoints_key,
    dead_letter_counts_key,
    dead_letters_key,
    entity_key,
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

ORIGINAL_FIELD_MAX_BYTES = 64 * 1024  # of each field kept in a dead letter; the stream has the whole
TEXT_MAX_CHARS = 20_000  # of a traceback or an error
LAG_COUNTED_MAX = 10_000  # entries counted by hand where the server has lost count
BEGINNING = "0-0"
NUMBER_MAX = 10**15  # above any number within a millisecond, and still exact as a double in a script


class RedisEventBus(EventBus):
    """Ages are told by the server's clock: the difference to this machine's is measured now and then."""

    def __init__(self, client: "Redis", telemetry: Telemetry, codec: EnvelopeCodec | None = None) -> None:
        self._redis = client
        self._telemetry = telemetry
        # The reply as it is: most deliveries are dropped by their type, and need no dict of fields.
        client.set_response_callback("XREADGROUP", _as_it_is)
        self._codec = codec or EnvelopeCodec()
        self._adopt_script = Script(client, "adopt")
        self._set_aside_script = Script(client, "set_aside")
        self._save_checkpoint_script = Script(client, "save_checkpoint")
        self._ahead_s = 0.0  # how far the server's clock is ahead of this machine's

    def join(self, subscription: Subscription) -> None:
        stream, group = stream_key(subscription.stream), subscription.group
        with translated():
            self._measure_clock()
            saved: Any = self._redis.hget(checkpoints_key(subscription.stream), group)
            begin = saved.decode() if saved else BEGINNING
            try:
                self._redis.xgroup_create(stream, group, id=begin, mkstream=True)
            except ResponseError as error:
                if not str(error).startswith("BUSYGROUP"):  # any other refusal is trouble
                    raise

    def receive(self, subscription: Subscription, *, count: int, block_ms: int) -> list[Delivery]:
        with translated():
            try:
                found = self._read_group(subscription, count, block_ms)
            except ResponseError as error:
                if not str(error).startswith("NOGROUP"):
                    raise
                self.join(subscription)
                found = self._read_group(subscription, count, block_ms)
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
        with translated():
            self._redis.xack(stream_key(subscription.stream), subscription.group, *positions)

    def pending(self, subscription: Subscription, *, count: int) -> list[PendingDelivery]:
        with translated():
            found: Any = self._redis.xpending_range(
                stream_key(subscription.stream), subscription.group, "-", "+", count
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
        stream, group = stream_key(subscription.stream), subscription.group
        with translated():
            claimed: Any = self._redis.xclaim(
                stream, group, subscription.consumer, min_idle_ms, list(positions)
            )
            entries = [  # deleted ones come without fields, if they come
                (place, [part for field in fields.items() for part in field])
                for place, fields in claimed
                if fields
            ]
            pipe = self._redis.pipeline(transaction=False)
            for place, _ in entries:
                pipe.xpending_range(stream, group, place, place, 1)
            counts = [found[0]["times_delivered"] if found else 1 for found in pipe.execute()]
        return self._deliveries(subscription.stream, entries, counts)

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
        args: list[Argument] = [subscription.group, delivery.position, ORIGINAL_FIELD_MAX_BYTES]
        for name, text in told.items():
            args += [name, text[:TEXT_MAX_CHARS]]
        with translated():
            self._set_aside_script(keys, args)

    def save_checkpoint(self, subscription: Subscription) -> None:
        with translated():
            # The cursor first: what is handed out after this look is above it, or pending at the next.
            group = self._group(subscription)
            if group is None:
                return
            checkpoint = group["last-delivered-id"].decode()
            oldest: Any = self._redis.xpending(stream_key(subscription.stream), subscription.group)["min"]
            if oldest is not None:
                checkpoint = min(checkpoint, just_before(oldest.decode()), key=parse)
            self._save_checkpoint_script(
                [checkpoints_key(subscription.stream)], [subscription.group, checkpoint]
            )

    def backlog(self, subscription: Subscription) -> Backlog:
        stream = stream_key(subscription.stream)
        with translated():
            self._measure_clock()
            group = self._group(subscription)
            if group is None:
                return Backlog(lag_events=0, lag_s=0, pending=0, oldest_pending_s=0, dead_letters=0)
            beyond = b"(" + group["last-delivered-id"]
            pipe = self._redis.pipeline(transaction=False)
            pipe.xrange(stream, min=beyond, count=1)
            pipe.xpending_range(stream, subscription.group, "-", "+", 1)
            pipe.hget(dead_letter_counts_key(subscription.stream), subscription.group)
            waiting, pending, dead_letters = pipe.execute()
            lag = group.get("lag")
            if lag is None or (lag == 0) != (not waiting):  # deletions make the server's count wrong
                counted: Any = self._redis.xrange(stream, min=beyond, count=LAG_COUNTED_MAX)
                lag = len(counted)
        return Backlog(
            lag_events=lag,
            lag_s=self._age_s(waiting[0][0]) if waiting else 0.0,
            pending=group["pending"],
            oldest_pending_s=self._age_s(pending[0]["message_id"]) if pending else 0.0,
            dead_letters=int(dead_letters or 0),
        )

    def _group(self, subscription: Subscription) -> dict[str, Any] | None:
        try:
            groups: Any = self._redis.xinfo_groups(stream_key(subscription.stream))
        except ResponseError as error:
            if "no such key" in str(error).lower():
                return None
            raise
        return next((g for g in groups if g["name"] == subscription.group.encode()), None)

    def _deliveries(
        self, stream: str, entries: Iterable[tuple[bytes, Sequence[bytes]]], attempts: Iterable[int]
    ) -> list[Delivery]:
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
