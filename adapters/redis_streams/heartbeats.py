"""Beats on a Redis stream that is kept short."""

from typing import Final

from redis import Redis

from adapters.redis_streams.errors import translated
from adapters.redis_streams.keys import stream_key
from application.events.streams import HEARTBEATS
from application.ports.heartbeats import Heartbeats

KEPT: Final = 1_000


class RedisHeartbeats(Heartbeats):
    def __init__(self, client: "Redis") -> None:
        self._redis = client

    def beat(self) -> None:
        with translated():
            self._redis.xadd(stream_key(HEARTBEATS), {"type": "Heartbeat"}, maxlen=KEPT, approximate=True)
