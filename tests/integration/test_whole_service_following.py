"""Events followed as they come, while the server and the API die and come back, and by very many."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Final

import httpx
import pytest

from application.events.streams import CHECKOUTS
from tests.follower import EVENT_STREAM, Follower
from tests.invariants import entries
from tests.shop_front import order_form
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.instance import RunningService
    from tests.running_service import Neighbour

pytest_plugins = ["tests.running_service"]
pytestmark = pytest.mark.slow

STREAM: Final = f"/api/event-store/streams/{CHECKOUTS}/events"
FOLLOWERS_MAX: Final = 100
LIVE_S: Final = 1.0
POSTS: Final = 200
LONG_S: Final = 60.0

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def follower(service: "RunningService", path: str, after: str | None = None) -> Follower:
    return Follower(service.front.url, path, after)


def newest(service: "RunningService") -> str:
    """Where the stream ends."""
    return service.shop.container.event_feed().end(CHECKOUTS)  # type: ignore[no-any-return]  # the container's


def since(service: "RunningService", position: str) -> list[str]:
    """All that is on the stream after `position`."""
    positions = [entry.position for entry in entries(service.shop, CHECKOUTS)]
    return positions[positions.index(position) + 1 :]


def gauge(service: "RunningService", gate: str) -> int:
    page = f"{service.front.url}/metrics"
    return service.counters("http_requests_in_flight", at=[page])["http_requests_in_flight", gate]


def kill_server(service: "RunningService") -> None:
    """Whoever supervises it starts it again."""
    os.kill(service.server_pid(), signal.SIGKILL)
    if service.external:
        eventually(service.external.process.ended, within_s=30)
        service.external.start()


def test_a_follow_across_a_restart_of_the_server_is_without_a_gap_or_a_repeat(
    service: "RunningService",
) -> None:
    front = service.front
    front.receive("comet", 100_000)
    front.checkout("astronomer", {"comet": 1})
    service.comes_to_rest()
    begin = newest(service)
    stream = follower(service, STREAM)
    with stream.following():
        eventually(lambda: stream.connected)
        with front.shoppers("gazer", {"comet": 1}) as accepted:
            eventually(lambda: len(accepted) > 20, LONG_S)
            kill_server(service)
            before = len(accepted)
            eventually(lambda: len(accepted) > before + 20, LONG_S)
        service.comes_to_rest()
        eventually(lambda: stream.last_event_id == newest(service), LONG_S)

    assert stream.connected == 1  # the connection outlived the server
    assert stream.troubles == []
    assert stream.positions == since(service, begin)
    assert {*accepted} <= {event["checkout_id"] for event in stream.events}


def test_a_follow_across_a_restart_of_the_api_goes_on_after_the_last_event(service: "RunningService") -> None:
    front, before = service.front, service.pids()
    front.receive("meteor", 100_000)
    front.checkout("astronomer", {"meteor": 1})
    service.comes_to_rest()
    begin = newest(service)
    stream = follower(service, STREAM, begin)
    with stream.following():
        with front.shoppers("watcher", {"meteor": 1}) as accepted:
            eventually(lambda: len(stream.events) > 20, LONG_S)
            os.kill(before["api"], signal.SIGKILL)
            eventually(lambda: stream.connected > 1, LONG_S)
            count = len(accepted)
            eventually(lambda: len(accepted) > count + 20, LONG_S)
        service.comes_to_rest()
        eventually(lambda: stream.last_event_id == newest(service), LONG_S)

    assert stream.positions == since(service, begin)
    assert stream.connected == 2
    assert {*accepted} <= {event["checkout_id"] for event in stream.events}


def test_a_checkout_is_followed_to_its_end_and_no_further(service: "RunningService") -> None:
    front = service.front
    front.receive("moon", 10)
    id_ = front.checkout("astronomer", {"moon": 1})
    checkout = follower(service, f"/api/checkouts/{id_}")
    with checkout.following():
        eventually(lambda: checkout.ended, LONG_S)

    assert checkout.events == front.listed(id_)
    assert (checkout.connected, checkout.troubles) == (1, ["204"])


def test_one_who_left_is_noticed_by_the_next_sign_of_life(service: "RunningService") -> None:
    front = service.front
    assert gauge(service, "followers") == 0
    with front.new_client() as http, http.stream("GET", STREAM, headers={"Accept": EVENT_STREAM}) as answer:
        assert next(answer.iter_lines()).startswith("retry: ")
        assert gauge(service, "followers") == 1

    eventually(lambda: gauge(service, "followers") == 0)


def test_a_post_that_prefers_to_wait_is_answered_with_the_end_and_reads_its_own_order(
    service: "RunningService",
) -> None:
    front = service.front
    front.receive("tide", 100)
    for number in range(20):
        client = f"sailor-{number}"
        answer = front.post(client, {"tide": 1}, Prefer="wait=20")
        assert answer.status_code == 201, answer.text
        assert answer.headers["Preference-Applied"] == "wait=20"
        told = answer.json()
        assert told["status"] == "succeeded"
        orders = front.get(f"/api/event-store/cqrs/orders-by-client/{client}", min_position=told["position"])
        assert orders["last_order_id"] == told["commande_id"]
        order = front.get(f"/api/orders/{told['commande_id']}", min_position=told["position"])
        assert order["checkout_id"] == told["checkout_id"]
    assert gauge(service, "waiters") == 0


def test_while_the_projection_stands_still_nothing_old_is_shown(service: "RunningService") -> None:
    front = service.front
    front.receive("ebb", 100)
    path = "/api/event-store/cqrs/orders-by-client/diver"
    with service.frozen("cqrs-projection"):
        told = front.post("diver", {"ebb": 1}, Prefer="wait=20").json()
        behind = front.http.get(path, params={"min_position": told["position"]})
        assert behind.status_code == 202
        assert int(behind.headers["Retry-After"]) >= 1
        assert front.get(path)["total_orders"] == 0
    eventually(lambda: front.http.get(path, params={"min_position": told["position"]}).status_code == 200)
    assert front.get(path)["total_orders"] == 1


def test_whoever_follows_is_sent_off_in_good_order_when_the_service_stops(neighbour: "Neighbour") -> None:
    left, patient = ExitStack(), {"SSE_HEARTBEAT_S": "300", "SHUTDOWN_GRACE_S": "60"}
    with left, neighbour(PORT="0", **patient) as service:
        stream = follower(service, STREAM)
        left.enter_context(stream.following())
        eventually(lambda: stream.connected)
    assert stream.troubles[0] == "ConnectError"  # of coming back: the stream itself ended as it should


class Crowd:
    """Many who follow the stream, each on a connection of its own."""

    def __init__(self, url: httpx.URL) -> None:
        self.url = url
        self.seen: list[list[str]] = []

    @asynccontextmanager
    async def following(self, count: int) -> AsyncIterator[None]:
        async with AsyncExitStack() as left, asyncio.TaskGroup() as tasks:
            listening = []
            for _ in range(count):
                reader, writer = await self.asked(STREAM)
                left.callback(writer.close)
                assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
                self.seen.append([])
                listening.append(tasks.create_task(self._listen(reader, self.seen[-1])))
            yield
            for task in listening:
                task.cancel()

    async def asked(
        self, path: str, accept: str = EVENT_STREAM
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(self.url.host, self.url.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: shop\r\nAccept: {accept}\r\n\r\n".encode())
        return reader, writer

    async def status_of(self, path: str, accept: str) -> int:
        reader, writer = await self.asked(path, accept)
        head = await reader.readuntil(b"\r\n\r\n")
        writer.close()
        return int(head.split()[1])

    async def _listen(self, reader: asyncio.StreamReader, seen: list[str]) -> None:
        async for line in reader:
            name, _, value = line.decode().strip().partition(": ")
            seen += [value] if name == "id" else []


def test_very_many_followers_and_a_flood_of_events_are_in_nobodys_way(service: "RunningService") -> None:
    front = service.front
    front.receive("galaxy", 100_000)
    front.checkout("astronomer", {"galaxy": 1})
    service.comes_to_rest()
    begin = newest(service)
    crowd = Crowd(httpx.URL(front.url))

    async def rush() -> tuple[list[int], list[float]]:
        async with (
            httpx.AsyncClient(base_url=front.url, timeout=20.0, trust_env=False) as http,
            crowd.following(FOLLOWERS_MAX),
        ):
            assert await crowd.status_of(STREAM, EVENT_STREAM) == 503
            lives_s, statuses = [], []
            for _ in range(POSTS // 10):
                forms = [order_form("flood", {"galaxy": 1}) for _ in range(10)]
                answers = await asyncio.gather(*(http.post("/api/checkouts", json=form) for form in forms))
                statuses += [answer.status_code for answer in answers]
                began_s = time.monotonic()
                assert await crowd.status_of("/livez", "*/*") == 200
                lives_s.append(time.monotonic() - began_s)
            await asyncio.to_thread(service.comes_to_rest)
            end = newest(service)
            async with asyncio.timeout(LONG_S):
                while not all(seen and seen[-1] == end for seen in crowd.seen):
                    await asyncio.sleep(0.05)
            return statuses, lives_s

    statuses, lives_s = asyncio.run(rush())

    assert statuses == [202] * POSTS
    assert max(lives_s) < LIVE_S
    expected = since(service, begin)
    assert len(expected) == POSTS * 4
    assert all(seen == expected for seen in crowd.seen)
    eventually(lambda: gauge(service, "followers") == 0)
