"""What a group has dealt with, on Redis: its checkpoint, and the positions marked since then.

What an operator has handed to the group again is below the checkpoint and yet to be dealt with.
"""

from collections.abc import Sequence
from typing import Any

from redis import Redis

from adapters.redis_streams.errors import translated
from adapters.redis_streams.keys import checkpoints_key, inbox_key, redriven_key
from adapters.redis_streams.scores import score_of
from application.events.streams import CHECKOUTS
from application.ports.inbox import Inbox
from application.ports.positions import parse


class RedisInbox(Inbox):
    """Marks below the checkpoint are dropped: everything there is acknowledged, so it was dealt with."""

    def __init__(self, client: "Redis", stream: str = CHECKOUTS) -> None:
        self._redis = client
        self._stream = stream

    def unseen(self, group: str, positions: Sequence[str]) -> set[str]:
        if not positions:
            return set()
        marks_key, again_key = inbox_key(self._stream, group), redriven_key(self._stream, group)
        with translated():
            pipe = self._redis.pipeline(transaction=False)
            pipe.hget(checkpoints_key(self._stream), group)
            pipe.smembers(again_key)
            pipe.zmscore(marks_key, list(positions))
            saved, again, marks = pipe.execute()
        checkpoint = parse(saved.decode()) if saved else (0, 0)
        redriven = {position.decode() for position in again}
        return {
            position
            for position, mark in zip(positions, marks, strict=True)
            if position in redriven or (mark is None and parse(position) > checkpoint)
        }

    def mark(self, group: str, positions: Sequence[str]) -> None:
        if not positions:
            return
        key = inbox_key(self._stream, group)
        with translated():
            saved: Any = self._redis.hget(checkpoints_key(self._stream), group)
            pipe = self._redis.pipeline(transaction=True)
            pipe.zadd(key, {position: score_of(position) for position in positions})
            pipe.srem(redriven_key(self._stream, group), *positions)
            if saved:
                pipe.zremrangebyscore(key, "-inf", score_of(saved.decode()))
            pipe.execute()
