"""The event feed on Redis Streams. It sends commands of the read category only."""

from typing import Any

from redis import Redis
from redis.exceptions import ResponseError

from adapters.codec.envelope import EnvelopeCodec
from adapters.codec.feed_entry import EncodedFeedEntry
from adapters.redis_streams.errors import GONE_WHILE_WAITING, NO_SUCH_KEY, translated
from adapters.redis_streams.group_state import BEGINNING
from adapters.redis_streams.keys import stream_key
from application.ports.event_feed import EventFeed, FeedEntry
from application.ports.positions import parse


class RedisEventFeed(EventFeed):
    """Who waits holds a connection of the client's pool meanwhile; its patience must be longer."""

    def __init__(self, client: "Redis", codec: EnvelopeCodec | None = None) -> None:
        self._redis = client
        self._codec = codec or EnvelopeCodec()

    def read(self, stream: str, *, after: str, count: int, block_ms: int) -> list[FeedEntry]:
        parse(after)
        with translated():
            try:
                found: Any = self._redis.xread(
                    {stream_key(stream): after},
                    count=count,
                    block=block_ms or None,  # the server takes 0 for ever
                )
            except ResponseError as error:
                if not str(error).startswith(GONE_WHILE_WAITING):
                    raise
                found = []
        entries = found[0][1] if found else []
        return [EncodedFeedEntry(place.decode(), fields, self._codec) for place, fields in entries]

    def end(self, stream: str) -> str:
        with translated():
            try:
                told: Any = self._redis.xinfo_stream(stream_key(stream))
            except ResponseError as error:
                if NO_SUCH_KEY not in str(error).lower():
                    raise
                return BEGINNING
        return str(told["last-generated-id"].decode())
