"""The connections to the existing services: few, kept open for a moment, and each call in bounded time."""

import math
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

import httpcore
import httpx

_deadline_s: ContextVar[float] = ContextVar("deadline_s", default=math.inf)


@contextmanager
def until(deadline_s: float) -> Iterator[None]:
    """What is sent and read meanwhile, by this thread, has to be over by then (time.monotonic)."""
    token = _deadline_s.set(deadline_s)
    try:
        yield
    finally:
        _deadline_s.reset(token)


class BoundedTransport(httpx.HTTPTransport):
    """One whose reads and writes mind the deadline of `until`: httpx bounds each of them, but not their sum,
    and a service may send its answer a byte at a time."""

    def __init__(self, *, connections_max: int, keepalive_s: float, verify: ssl.SSLContext) -> None:
        super().__init__(verify=verify, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=verify,
            max_connections=connections_max,
            max_keepalive_connections=connections_max,
            keepalive_expiry=keepalive_s,
            network_backend=_BoundedBackend(),
        )


class _BoundedBackend(httpcore.NetworkBackend):
    def __init__(self) -> None:
        self._backend: Final = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left_s = _left_s(timeout, httpcore.ConnectTimeout)
        stream = self._backend.connect_tcp(host, port, left_s, local_address, socket_options)
        bounded = _BoundedStream(stream)
        try:
            _left_s(None, httpcore.ConnectTimeout)  # names are looked up without a timeout
        except httpcore.ConnectTimeout:
            bounded.close()
            raise
        return bounded


class _BoundedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream: Final = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left_s(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left_s(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left_s = _left_s(timeout, httpcore.ConnectTimeout)
        return _BoundedStream(self._stream.start_tls(ssl_context, server_hostname, left_s))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left_s(timeout: float | None, error: type[Exception]) -> float:
    left_s = _deadline_s.get() - time.monotonic()
    if left_s <= 0:
        raise error("the time for the whole call is over")
    return left_s if timeout is None else min(left_s, timeout)
