"""The circuit breaker of a service."""

import threading
from contextlib import suppress

import httpx
import pytest

from adapters.http.existing.breaker import CircuitOpen
from adapters.inmemory.clock import FakeClock
from application.ports.existing_services import CallRefused, NotCalled, OutcomeUnknown
from tests.existing import Existing, answering, asking, cancel, existing, fresh, take
from tests.unit.http.test_existing_answers import TAKEN

LOST = httpx.ReadTimeout("")
OPEN_S = 30.0
REFUSED = httpx.Response(400, json={"error": "non"})


def failing(at: Existing, times: int) -> None:
    for _ in range(times):
        with pytest.raises((OutcomeUnknown, NotCalled)):
            take(at)


def states(at: Existing, service: str = "inventory") -> list[str]:
    names = ("closed", "half-open", "open")
    return [state for state in names if at.count("service_circuit_state", service=service, state=state)]


def test_after_enough_failures_in_a_row_a_service_is_left_alone() -> None:
    http, sent = answering(LOST)
    at = existing(http, failures_max=3)

    failing(at, 3)
    with pytest.raises(CircuitOpen):
        take(at)
    with pytest.raises(CircuitOpen):
        at.inventory.ready()

    assert len(sent) == 3
    assert states(at) == ["open"]
    assert at.count("service_calls_total", service="inventory", operation="take", outcome="circuit-open") == 1


def test_the_circuit_of_one_service_is_not_that_of_another() -> None:
    http, _ = answering(LOST, LOST, httpx.Response(200, json={"success": True}))
    at = existing(http, failures_max=2)

    failing(at, 2)
    cancel(at)

    assert (states(at), states(at, "orders")) == (["open"], ["closed"])


@pytest.mark.parametrize("answer", [REFUSED, httpx.Response(429, headers={"Retry-After": "60"}), TAKEN])
def test_who_refuses_or_limits_works(answer: httpx.Response) -> None:
    http, _ = answering(LOST, answer, LOST, answer, LOST, answer)
    at = existing(http, failures_max=2)

    for _ in range(6):
        with suppress(CallRefused, NotCalled, OutcomeUnknown):
            take(at)

    assert states(at) == ["closed"]
    at.inventory.ready()


def test_one_call_after_a_while_closes_it_again() -> None:
    http, _ = answering(LOST, TAKEN)
    clock = FakeClock()
    at = existing(http, failures_max=1, open_s=OPEN_S, monotonic_s=clock.now_s)

    failing(at, 1)
    clock.advance(OPEN_S)
    take(at)

    assert states(at) == ["closed"]


def test_one_call_that_fails_too_opens_it_again() -> None:
    http, sent = answering(LOST)
    clock = FakeClock()
    at = existing(http, failures_max=1, open_s=OPEN_S, monotonic_s=clock.now_s)

    failing(at, 1)
    clock.advance(OPEN_S)
    assert is_ready(at)
    failing(at, 1)

    assert states(at) == ["open"]
    assert len(sent) == 2
    assert not is_ready(at)


def test_it_is_left_alone_for_as_long_as_it_is_to_be() -> None:
    http, sent = answering(LOST)
    clock = FakeClock()
    at = existing(http, failures_max=1, open_s=OPEN_S, monotonic_s=clock.now_s)

    failing(at, 1)
    clock.advance(OPEN_S - 1.0)

    assert not is_ready(at)
    with pytest.raises(CircuitOpen):
        take(at)
    assert len(sent) == 1


def test_only_one_call_tries_while_others_would_like_to() -> None:
    begun, answered = threading.Event(), threading.Event()
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if len(asked) == 1:
            raise LOST
        begun.set()
        assert answered.wait(10.0)
        return fresh(TAKEN)

    clock = FakeClock()
    at = existing(asking(answer), failures_max=1, open_s=OPEN_S, monotonic_s=clock.now_s)
    failing(at, 1)
    clock.advance(OPEN_S)
    trying = threading.Thread(target=take, args=(at,))
    trying.start()
    assert begun.wait(10.0)

    with pytest.raises(CircuitOpen, match="tried by another"):
        take(at)
    assert not is_ready(at)
    answered.set()
    trying.join()

    assert len(asked) == 2
    assert states(at) == ["closed"]


def test_calls_of_a_closed_circuit_do_not_wait_for_each_other() -> None:
    both = threading.Barrier(2)

    def answer(_: httpx.Request) -> httpx.Response:
        both.wait(10.0)
        return fresh(TAKEN)

    at = existing(asking(answer))
    threads = [threading.Thread(target=take, args=(at,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert at.count("service_calls_total", service="inventory", operation="take", outcome="done") == 2


def test_a_circuit_that_opens_ends_the_repetitions() -> None:
    http, sent = answering(httpx.ConnectError("refused"))

    with pytest.raises(NotCalled):
        take(existing(http, failures_max=2))

    assert len(sent) == 2


def is_ready(at: Existing) -> bool:
    try:
        at.inventory.ready()
    except NotCalled:
        return False
    return True
