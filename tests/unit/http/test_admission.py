"""Too many requests at once: some wait a little, the rest is turned away, and the probes are answered."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Final

import pytest
from werkzeug.test import TestResponse

from adapters.http.app import HttpLimits
from adapters.http.door.admission import Gate, Gates
from adapters.telemetry.admission import AdmissionFigures
from application.events.streams import CHECKOUTS
from tests.unit.http.rig import JSON, START, Rig, assert_problem, body
from tests.waiting import eventually

AT_ONCE: Final = 2
PATIENT_MS: Final = 10_000
LIMITS: Final = HttpLimits(at_once_max=AT_ONCE, queue_max=1, queue_wait_ms=PATIENT_MS, retry_after_s=7)


class Rush:
    """Many callers of one rig, each in a thread of its own, and its gates."""

    def __init__(self, limits: HttpLimits, callers: ThreadPoolExecutor) -> None:
        self.gates = Gates.of(limits)
        self.rig = Rig.build(limits, self.gates)
        self._callers = callers

    def ask(self, path: str = START) -> "Future[TestResponse]":
        """Have somebody start a checkout, or GET another page."""
        client = self.rig.client.application.test_client()
        if path == START:
            return self._callers.submit(client.post, path, json=body(), headers=JSON)
        return self._callers.submit(client.get, path)

    def answer(self, path: str = START) -> TestResponse:
        """The answer, which must not wait for anybody else."""
        return self.ask(path).result(timeout=5.0)

    @contextmanager
    def held(self) -> Iterator[None]:
        """The store does not answer meanwhile."""
        pause = self.rig.store.pause = threading.Event()
        try:
            yield
        finally:
            pause.set()

    def started(self) -> int:
        """How many checkouts are on the stream."""
        return len(self.rig.store.page(CHECKOUTS, count=1_000).entries)


Rushed = Callable[[HttpLimits], Rush]


@pytest.fixture
def rush_of() -> Iterator[Rushed]:
    with ThreadPoolExecutor(8) as callers:
        yield lambda limits: Rush(limits, callers)


@pytest.fixture
def rush(rush_of: Rushed) -> Rush:
    return rush_of(LIMITS)


def fill(rush: Rush) -> "list[Future[TestResponse]]":
    """All places taken, those in the queue too."""
    asked = [rush.ask() for _ in range(LIMITS.at_once_max + LIMITS.queue_max)]
    eventually(lambda: (rush.gates.work.inside, rush.gates.work.waiting) == (AT_ONCE, LIMITS.queue_max))
    return asked


def test_what_is_too_much_is_turned_away_at_once_and_never_begun(rush: Rush) -> None:
    with rush.held():
        asked = fill(rush)
        refused = [rush.answer() for _ in range(5)]
        assert not any(one.done() for one in asked)

    assert [one.result().status_code for one in asked] == [202] * 3
    assert rush.started() == 3
    for response in refused:
        assert_problem(response, 503, type="/problems/overloaded")
        assert response.headers["Retry-After"] == "7"
        assert response.headers["Cache-Control"] == "no-store"


def test_the_process_is_live_and_tells_its_figures_while_every_place_is_taken(rush: Rush) -> None:
    with rush.held():
        fill(rush)
        assert rush.answer("/livez").json == {"status": "live"}
        assert rush.answer("/livez/").status_code == 200
        assert rush.answer("/readyz").status_code == 200
        assert rush.answer("/metrics").status_code == 200
        assert rush.answer("/api/checkouts/c1").status_code == 503


def test_all_is_as_before_once_the_rush_is_over(rush: Rush) -> None:
    with rush.held():
        asked = fill(rush)
        rush.answer()
    for one in asked:
        one.result()

    assert [rush.answer().status_code for _ in range(5)] == [202] * 5
    assert (rush.gates.work.inside, rush.gates.work.waiting, rush.gates.work.refused) == (0, 0, 1)


def test_nobody_waits_longer_than_is_allowed(rush_of: Rushed) -> None:
    rush = rush_of(HttpLimits(at_once_max=1, queue_max=1, queue_wait_ms=1))
    with rush.held():
        first = rush.ask()
        eventually(lambda: rush.gates.work.inside == 1)
        assert_problem(rush.answer(), 503, type="/problems/overloaded")

    assert first.result().status_code == 202
    assert rush.started() == 1


def test_a_request_that_fails_gives_its_place_back(rush: Rush) -> None:
    rush.rig.store.trouble = RuntimeError("a bug")

    assert [rush.answer().status_code for _ in range(AT_ONCE + 2)] == [500] * (AT_ONCE + 2)
    assert rush.gates.work.inside == 0


def test_probes_that_wait_for_the_store_do_not_pile_up_either(rush: Rush) -> None:
    for _ in range(rush.gates.probes.at_once):
        assert rush.gates.probes.enter()

    assert rush.answer("/readyz").status_code == 503
    assert rush.answer("/metrics").status_code == 503
    assert rush.answer("/livez").status_code == 200
    assert rush.answer().status_code == 202


def waits_at(gate: Gate, count: int) -> bool:
    return gate.waiting == count


def test_who_came_first_has_the_next_turn() -> None:
    gate, order = Gate(1, queue_max=4, wait_s=10.0), []

    def come(name: int) -> None:
        assert gate.enter()
        order.append(name)
        gate.leave()

    assert gate.enter()
    with ThreadPoolExecutor(3) as callers:
        for name in range(3):
            callers.submit(come, name)
            eventually(partial(waits_at, gate, name + 1))
        gate.leave()
        come(3)  # at once, before the others can have woken up
    assert order == [0, 1, 2, 3]


def test_who_gave_up_waits_no_more() -> None:
    gate = Gate(1, queue_max=1, wait_s=0.001)
    assert gate.enter()

    assert not gate.enter()
    assert (gate.inside, gate.waiting, gate.refused) == (1, 0, 1)
    gate.leave()
    assert gate.enter()


def test_a_gate_never_lets_in_more_than_it_may_and_loses_no_place() -> None:
    gate, most, work = Gate(3, queue_max=4, wait_s=0.001), 0, threading.Event()

    def come_and_go() -> None:
        nonlocal most
        for _ in range(100):
            if gate.enter():
                most = max(most, gate.inside)
                work.wait(0.001)  # as long as others have patience, so that turns come just too late
                gate.leave()

    with ThreadPoolExecutor(8) as callers:
        for done in [callers.submit(come_and_go) for _ in range(8)]:
            done.result()
    assert gate.refused
    assert most <= gate.at_once
    assert (gate.inside, gate.waiting) == (0, 0)
    assert [gate.enter() for _ in range(4)] == [True, True, True, False]


def test_the_figures_say_how_full_each_gate_is() -> None:
    gate = Gate(1)
    gate.enter()
    gate.enter()

    families = AdmissionFigures({"work": gate}).collect()

    assert {sample.name: sample.value for family in families for sample in family.samples} == {
        "http_requests_in_flight": 1,
        "http_requests_waiting": 0,
        "http_requests_shed_total": 1,
    }
