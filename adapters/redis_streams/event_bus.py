"""The event bus on Redis Streams: consumer groups."""

from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from typing import Any, TypeVar

from redis.exceptions import ResponseError

from adapters.codec.deliveries import EncodedDelivery, Source
from adapters.codec.envelope import EnvelopeCodec
from adapters.redis_streams.client import Client
from adapters.redis_streams.errors import GONE_WHILE_WAITING, NO_GROUP, translated
from adapters.redis_streams.group_state import BEGINNING, BY_DEFAULT, GroupState, LagCount
from adapters.redis_streams.keys import (
    REDRIVEN_IDLE_MS,
    checkpoints_key,
    dead_letter_counts_key,
    dead_letters_key,
    dead_letters_of_key,
    entity_key,
    failures_key,
    redriven_key,
    stream_key,
)
from adapters.redis_streams.scripts import Argument, Script
from adapters.redis_streams.server_clock import ServerClock
from application.events.recorded_event import RecordedEvent
from application.ports.dead_letters import REDRIVER
from application.ports.delivery import Delivery
from application.ports.event_bus import (
    Backlog,
    DeadLetter,
    EventBus,
    PendingDelivery,
    Subscription,
)
from application.ports.positions import before, parse
from application.ports.telemetry import Telemetry

ORIGINAL_FIELDS_MAX = 100  # kept in a dead letter
ORIGINAL_FIELD_MAX_BYTES = 64 * 1024  # of each field kept in a dead letter; the stream has the whole
FAILURES_KEPT = 1_000  # of a stream, the newest
ERROR_MAX_CHARS = 500  # of each of them
TEXT_MAX_CHARS = 20_000  # of a traceback or an error

Answer = TypeVar("Answer")
Entry = tuple[bytes, Sequence[bytes]]


class RedisEventBus(EventBus):
    """Ages are told by the server's clock: the difference to this machine's is measured now and then."""

    def __init__(
        self,
        client: Client,
        telemetry: Telemetry,
        codec: EnvelopeCodec | None = None,
        lag_count: LagCount = BY_DEFAULT,
    ) -> None:
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
        self._clock = ServerClock(client)
        self._state = GroupState(client, self._clock, counting=lag_count)

    def join(self, subscription: Subscription) -> None:
        stream, group = subscription.stream, subscription.group
        keys = [stream_key(stream), checkpoints_key(stream), redriven_key(stream, group)]
        with translated():
            self._clock.measure()
            made_after = self._join_script(keys, [group, BEGINNING, REDRIVER, REDRIVEN_IDLE_MS])
        if made_after:
            self._telemetry.group_made(subscription, made_after.decode())

    def receive(
        self, subscription: Subscription, *, count: int, block_ms: int, done: Sequence[str] = ()
    ) -> list[Delivery]:
        found = self._in_group(subscription, lambda: self._read_group(subscription, count, block_ms, done))
        if not found:
            return []
        return self._deliveries(subscription.stream, found[0][1], repeat(1))

    def _read_group(self, subscription: Subscription, count: int, block_ms: int, done: Sequence[str]) -> Any:
        stream, group, consumer = stream_key(subscription.stream), subscription.group, subscription.consumer
        waiting = ("BLOCK", block_ms) if block_ms else ()  # the server takes 0 for ever
        # Word by word: the driver's method for it costs as much as the command.
        read = ("XREADGROUP", "GROUP", group, consumer, "COUNT", count, *waiting, "STREAMS", stream, ">")
        if done:
            return self._redis.execute_together(("XACK", stream, group, *done), read)[-1]
        return self._redis.execute_command(*read)

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

    def note_failures(self, subscription: Subscription, failed: Sequence[tuple[Delivery, str]]) -> None:
        pipe, key = self._redis.pipeline(transaction=False), failures_key(subscription.stream)
        for delivery, error in failed:
            told: Any = {
                "group": subscription.group,
                "position": delivery.position,
                "attempt": delivery.attempt,
                "error": error[:ERROR_MAX_CHARS].encode(errors="replace"),
            }
            pipe.xadd(key, told, maxlen=FAILURES_KEPT)
        with translated():
            pipe.execute()

    def set_aside(self, subscription: Subscription, delivery: Delivery, why: DeadLetter) -> None:
        stream = subscription.stream
        keys = [
            stream_key(stream),
            dead_letters_key(stream),
            dead_letter_counts_key(stream),
            dead_letters_of_key(stream),
        ]
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
        cursor, oldest = self._in_group(subscription, lambda: self._state.extent(subscription))
        checkpoint = cursor if oldest is None else min(cursor, before(oldest), key=parse)
        stream, group = subscription.stream, subscription.group
        keys = [checkpoints_key(stream), stream_key(stream), redriven_key(stream, group)]
        with translated():
            self._save_checkpoint_script(keys, [group, checkpoint, cursor])

    def backlog(self, subscription: Subscription) -> Backlog:
        return self._in_group(subscription, lambda: self._state.backlog(subscription))

    def _in_group(self, subscription: Subscription, ask: Callable[[], Answer]) -> Answer:
        """What `ask` answers; where the group has vanished, it is joined again first."""
        with translated():
            try:
                return ask()
            except ResponseError as error:
                if not str(error).startswith((NO_GROUP, GONE_WHILE_WAITING)):
                    raise
                self.join(subscription)
                return ask()

    def _deliveries(self, stream: str, entries: Iterable[Entry], attempts: Iterable[int]) -> list[Delivery]:
        source = Source(stream, self._codec, self._adopt, self._clock.now_ms())
        pairs = zip(entries, attempts, strict=False)
        return [EncodedDelivery(place.decode(), attempt, flat, source) for (place, flat), attempt in pairs]

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


def _as_it_is(reply: Any, **_options: Any) -> Any:
    return reply
