"""Too much for one machine: who is turned away knows it at once, and what checkouts wait for goes first."""

import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs
import httpx
import pytest

from application.events.streams import CHECKOUTS
from domain.checkout.saga import AWAITED, STEPS
from entrypoints.settings import Settings
from tests.invariants import entries
from tests.shop_front import order_form
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.instance import RunningService

pytest_plugins = ["tests.running_service"]
pytestmark = pytest.mark.slow

CALLERS: Final = 200
TIMES: Final = 3
LIVE_S: Final = 1.0
AT_ONCE_S: Final = 1.0  # far less than that, but for what 200 callers cost a busy machine
PATIENCE_S: Final = 20.0
JSON: Final = "Content-Type: application/json\r\n"


@attrs.frozen
class Answered:
    """What a caller got, and how long it took."""

    client_id: str
    status: int
    headers: Mapping[str, str]
    body: dict[str, object]
    took_s: float

    @property
    def kind(self) -> object:
        """Accepted, or the type of the problem."""
        return self.body.get("type", self.status)


@attrs.define
class Crowd:
    """Callers with a connection each, who all start checkouts at once, and one who asks whether it lives."""

    url: httpx.URL
    name: str
    answers: list[Answered] = attrs.Factory(list)
    lives_s: list[float] = attrs.Factory(list)

    async def rush(self) -> None:
        """Until each of them has had its answers."""
        done = asyncio.Event()
        probing = asyncio.create_task(self._probe(done))
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*(self._call(number) for number in range(CALLERS)))
        done.set()
        await probing

    async def _call(self, number: int) -> None:
        for time_ in range(TIMES):
            client_id = f"{self.name}-{number}-{time_}"
            body = json.dumps(order_form(client_id, {self.name: 1}))
            began_s = time.monotonic()
            status, headers, answer = await self._ask(f"POST /api/checkouts HTTP/1.1\r\n{JSON}", body)
            took_s = time.monotonic() - began_s
            self.answers.append(Answered(client_id, status, headers, json.loads(answer), took_s))

    async def _probe(self, done: asyncio.Event) -> None:
        while not done.is_set():
            began_s = time.monotonic()
            status, _, _ = await self._ask("GET /livez HTTP/1.1\r\n", "")
            assert status == 200
            self.lives_s.append(time.monotonic() - began_s)

    async def _ask(self, head: str, body: str) -> tuple[int, Mapping[str, str], bytes]:
        """On a new connection, as from another client each time."""
        reader, writer = await asyncio.open_connection(self.url.host, self.url.port)
        writer.write(f"{head}Host: shop\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[:-2]
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        answer = await reader.readexactly(int(headers["content-length"]))
        writer.close()
        return int(first.split()[1]), headers, answer


def rushed(service: "RunningService", name: str) -> Crowd:
    crowd = Crowd(httpx.URL(service.front.url), name)
    asyncio.run(crowd.rush())
    assert len(crowd.answers) == CALLERS * TIMES
    assert max(crowd.lives_s) < LIVE_S
    return crowd


def test_a_crowd_is_turned_away_at_once_and_only_what_was_accepted_exists(service: "RunningService") -> None:
    front, pids = service.front, service.pids()
    for name in ("stall", "queue"):
        front.receive(name, 10_000)

    with service.server_frozen():
        kept_out = rushed(service, "stall")
    eventually(lambda: front.http.get("/readyz").status_code == 200, within_s=30)
    served = rushed(service, "queue")

    overloaded = [one for one in kept_out.answers if one.kind == "/problems/overloaded"]
    assert len(overloaded) > CALLERS  # all but those who were worked for, and had to wait for the store
    assert max(one.took_s for one in overloaded) < AT_ONCE_S
    assert all(int(one.headers["retry-after"]) >= 1 for one in overloaded)
    assert {one.kind for one in kept_out.answers} == {"/problems/overloaded", "/problems/unavailable"}
    assert {one.kind for one in served.answers} <= {202, "/problems/overloaded"}
    assert any(one.status == 202 for one in served.answers)

    service.nothing_lost_nothing_twice()
    started = (entry for entry in entries(service.shop, CHECKOUTS) if entry.type == "CheckoutInitiated")
    seen = Counter(entry.payload["client_id"] for entry in started if isinstance(entry.payload, dict))
    for one in (*kept_out.answers, *served.answers):
        allowed = {202: {1}, "/problems/overloaded": {0}, "/problems/unavailable": {0, 1}}
        assert seen[one.client_id] in allowed[one.kind], one
    shed = service.counters("http_requests_shed_total", at=[f"{front.url}/metrics"])
    assert shed["http_requests_shed_total", "work"] >= len(overloaded)
    assert service.pids() == pids


def test_workers_that_only_look_on_give_way_to_all_that_checkouts_wait_for(service: "RunningService") -> None:
    far = Settings().onlookers_niceness

    eventually(
        lambda: (
            {name: niceness(pid) for name, pid in service.pids().items()}
            == {"api": {0}} | {name: {0 if name in AWAITED else far} for name in STEPS}
        )
    )


def niceness(pid: int) -> set[int]:
    """How far a process gives way, beyond what this one does, and its session where that counts."""
    session = Path(f"/proc/{pid}/autogroup")
    of_session = {int(session.read_text().split()[-1])} if session.exists() else set()
    return {os.getpriority(os.PRIO_PROCESS, pid) - os.getpriority(os.PRIO_PROCESS, 0)} | of_session
