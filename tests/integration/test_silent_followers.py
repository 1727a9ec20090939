"""A follower that stops reading, and keeps its connection, does not keep its place."""

import socket
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Final

import httpx
import pytest
from redis import Redis

from application.events.streams import CHECKOUTS
from entrypoints.settings import Settings
from tests.follower import EVENT_STREAM
from tests.integration.test_acl import event_store_of
from tests.waiting import eventually

STREAM: Final = f"/api/event-store/streams/{CHECKOUTS}/events"
TIMEOUT_S: Final = 2.0
ENTRY_BYTES: Final = 60_000
ENTRIES: Final = 400  # far more than the buffers of two sockets hold


@pytest.fixture
def http(valkey_url: str) -> Iterator[httpx.Client]:
    """An API with one place for followers, and a long stream."""
    with Redis.from_url(valkey_url) as server:
        server.flushall()
        for number in range(ENTRIES):
            server.xadd(CHECKOUTS, {"type": "Note", "payload": "x" * ENTRY_BYTES, "n": number})
    told = {"REDIS_URL": valkey_url, "FOLLOWERS_MAX": "1", "SSE_WRITE_TIMEOUT_S": str(TIMEOUT_S)}
    with event_store_of(Settings.from_environment(told)) as http:
        yield http


def status_of_another(http: httpx.Client) -> int:
    with http.stream("GET", STREAM, headers={"Accept": EVENT_STREAM}) as answer:
        return answer.status_code


def test_its_place_is_free_once_nothing_got_through_for_so_long(http: httpx.Client) -> None:
    with closing(socket.socket()) as silent:
        silent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        silent.connect((http.base_url.host, http.base_url.port))
        asked = f"GET {STREAM}?after=0-0 HTTP/1.1\r\nHost: shop\r\nAccept: {EVENT_STREAM}\r\n\r\n"
        began_s = time.monotonic()
        silent.sendall(asked.encode())
        eventually(lambda: status_of_another(http) == 503)

        eventually(lambda: status_of_another(http) == 200, within_s=30.0)

        assert time.monotonic() - began_s >= TIMEOUT_S


def test_one_who_reads_slowly_keeps_it(http: httpx.Client) -> None:
    with http.stream("GET", f"{STREAM}?after=0-0", headers={"Accept": EVENT_STREAM}) as answer:
        seen = 0
        for line in answer.iter_lines():
            if line.startswith("id: "):
                seen += 1
                time.sleep(2 * TIMEOUT_S / ENTRIES)  # as slow as that, and not waiting for anything
            if seen == ENTRIES:
                break

    assert seen == ENTRIES
