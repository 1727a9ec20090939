"""FastStream's Redis consumer around a handler that does nothing."""

import asyncio
import importlib
import logging
import time
from typing import Any, Final

from redis.asyncio import Redis

from bench.requests import body_of
from bench.shop import Shoppers

STREAM: Final = "faststream"
GROUP: Final = "no-op"
MAX_RECORDS: Final = 100
TIMEOUT_S: Final = 120.0


def consumed_per_s(url: str, count: int, *, batch: bool) -> float:
    """Messages a second, once it has published `count` of them to a new stream."""
    return asyncio.run(asyncio.wait_for(_consumed_per_s(url, count, batch=batch), TIMEOUT_S))


async def _consumed_per_s(url: str, count: int, *, batch: bool) -> float:
    redis: Any = importlib.import_module("faststream.redis")  # typed or not, installed or not
    broker = redis.RedisBroker(url, logger=logging.getLogger("faststream"), log_level=logging.DEBUG)
    stream = redis.StreamSub(
        STREAM, group=GROUP, consumer="bench", batch=batch, max_records=MAX_RECORDS, last_id=">"
    )
    done = asyncio.Event()
    seen = 0

    async def nothing(message: list[Any] if batch else Any) -> None:  # type: ignore[valid-type]  # read at run time
        nonlocal seen
        seen += len(message) if batch else 1
        if seen >= count:
            done.set()

    broker.subscriber(stream=stream)(nothing)
    await broker.connect()
    body = body_of(Shoppers().start())
    try:
        await _publish(url, broker, body, count)
        began_s = time.perf_counter()
        await broker.start()
        await done.wait()
        return count / (time.perf_counter() - began_s)
    finally:
        await broker.stop()
        await _forget(url)


async def _publish(url: str, broker: Any, body: bytes, count: int) -> None:
    """One through the broker, to have its format; the others as copies of it."""
    await broker.publish(body, stream=STREAM)
    async with _client(url) as client:
        ((_, fields),) = await client.xrange(STREAM)
        await client.xgroup_create(STREAM, GROUP, id="0")
        async with client.pipeline(transaction=False) as pipe:
            for _ in range(count - 1):
                pipe.xadd(STREAM, fields)
            await pipe.execute()


async def _forget(url: str) -> None:
    async with _client(url) as client:
        await client.delete(STREAM)


def _client(url: str) -> Any:
    return Redis.from_url(url)
