"""How far a consumer group has come. It sends commands of the read category only."""

from collections.abc import Collection, Sequence
from typing import Any

from redis import Redis
from redis.exceptions import ResponseError

from adapters.redis_streams.errors import NO_GROUP, NO_SUCH_KEY, translated
from adapters.redis_streams.event_bus import FAILURES_KEPT
from adapters.redis_streams.keys import checkpoints_key, failures_key, stream_key
from application.ports.event_bus import FailedAttempt, PendingDelivery
from application.ports.group_progress import GroupPlace, GroupProgress
from application.ports.positions import parse, recorded_at_s


class RedisGroupProgress(GroupProgress):
    def __init__(self, client: "Redis") -> None:
        self._redis = client

    def has_handled(self, stream: str, group: str, position: str) -> bool:
        """The cursor first: what is handed out after this look is above it, or pending at the next."""
        wanted, key = parse(position), stream_key(stream)
        pipe = self._redis.pipeline(transaction=False)
        pipe.xinfo_groups(key)
        pipe.xpending_range(key, group, min="-", max=position, count=1)
        with translated():
            groups, pending = pipe.execute(raise_on_error=False)
            for answer in (groups, pending):
                if isinstance(answer, Exception) and not _says_that_nothing_is_there(answer):
                    raise answer
        if isinstance(groups, Exception) or isinstance(pending, Exception) or pending:
            return False
        return any(parse(_cursor(told)) >= wanted for told in groups if told["name"] == group.encode())

    def places(self, stream: str) -> list[GroupPlace]:
        """The checkpoints first: a group only goes on."""
        key = stream_key(stream)
        with translated():
            checkpoints: Any = self._redis.hgetall(checkpoints_key(stream))
            try:
                groups: Any = self._redis.xinfo_groups(key)
            except ResponseError as error:
                if not _says_that_nothing_is_there(error):
                    raise
                return []
            pipe = self._redis.pipeline(transaction=False)
            for told in groups:
                pipe.xpending(key, told["name"])
            return sorted(
                (
                    _place(told, pending, checkpoints.get(told["name"]))
                    for told, pending in zip(groups, pipe.execute(), strict=True)
                ),
                key=lambda place: place.group,
            )

    def pending(self, stream: str, places: Sequence[tuple[str, str]]) -> list[PendingDelivery | None]:
        """Of the groups that have anything pending only: mostly none has, and one question is enough."""
        key = stream_key(stream)
        with translated():
            try:
                groups: Any = self._redis.xinfo_groups(key)
            except ResponseError as error:
                if not _says_that_nothing_is_there(error):
                    raise
                return [None] * len(places)
            busy = {told["name"].decode(errors="replace") for told in groups if told["pending"]}
            asked = [place for place in places if place[0] in busy]
            pipe = self._redis.pipeline(transaction=False)
            for group, position in asked:
                pipe.xpending_range(key, group, min=position, max=position, count=1)
            found = dict(zip(asked, pipe.execute(raise_on_error=False), strict=True))
            for answer in found.values():
                if isinstance(answer, Exception) and not _says_that_nothing_is_there(answer):
                    raise answer
        return [_pending(found.get(place)) for place in places]

    def failures(self, stream: str, positions: Collection[str]) -> list[FailedAttempt]:
        with translated():
            noted: Any = self._redis.xrevrange(failures_key(stream), count=FAILURES_KEPT)
        return [_failure(id_, told) for id_, told in noted if told[b"position"].decode() in positions]


def _pending(answer: Any) -> PendingDelivery | None:
    if isinstance(answer, Exception) or not answer:
        return None
    (told,) = answer
    return PendingDelivery(
        position=told["message_id"].decode(),
        consumer=told["consumer"].decode(errors="replace"),
        idle_ms=told["time_since_delivered"],
        attempt=told["times_delivered"],
    )


def _failure(id: bytes, told: Any) -> FailedAttempt:
    return FailedAttempt(
        group=told[b"group"].decode(),
        position=told[b"position"].decode(),
        attempt=int(told[b"attempt"]),
        error=told[b"error"].decode(errors="replace"),
        at_s=recorded_at_s(id.decode()),
    )


def _place(told: Any, pending: Any, checkpoint: bytes | None) -> GroupPlace:
    oldest = pending["min"]
    return GroupPlace(
        group=told["name"].decode(errors="replace"),
        cursor=_cursor(told),
        pending=pending["pending"],
        oldest_pending=oldest.decode() if oldest else None,
        checkpoint=checkpoint.decode() if checkpoint else None,
    )


def _says_that_nothing_is_there(error: Exception) -> bool:
    said = str(error)
    return isinstance(error, ResponseError) and (said.startswith(NO_GROUP) or NO_SUCH_KEY in said.lower())


def _cursor(told: Any) -> str:
    return str(told["last-delivered-id"].decode())
