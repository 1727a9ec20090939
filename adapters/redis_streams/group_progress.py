"""How far a consumer group has come. It sends commands of the read category only."""

from typing import Any

from redis import Redis
from redis.exceptions import ResponseError

from adapters.redis_streams.errors import translated
from adapters.redis_streams.event_feed import NO_STREAM
from adapters.redis_streams.group_state import NO_GROUP
from adapters.redis_streams.keys import stream_key
from application.ports.group_progress import GroupProgress
from application.positions import parse


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


def _says_that_nothing_is_there(error: Exception) -> bool:
    said = str(error)
    return isinstance(error, ResponseError) and (said.startswith(NO_GROUP) or NO_STREAM in said.lower())


def _cursor(told: Any) -> str:
    return str(told["last-delivered-id"].decode())
