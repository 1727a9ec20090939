"""X-Correlation-ID and traceparent: taken in, given back, and carried into events and the log."""

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest
import structlog

from adapters.http.app import HttpLimits
from adapters.http.door.admission import Gates
from adapters.telemetry.logging import configure_logging
from application.events.origin import NO_ORIGIN, Origin
from application.events.streams import INVENTORY
from application.ports.errors import Unavailable
from tests.unit.http.rig import EVENTS, START, Rig, assert_problem, body

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
BASKET = "basket-7"


def started(rig: Rig, **headers: str) -> Origin:
    """The origin of the event that a start with these headers leaves."""
    response = rig.post(START, body(), **headers)
    assert response.status_code == 202, response.text
    return rig.history(response.get_json()["checkout_id"])[0].origin


def test_both_are_carried_into_the_event(rig: Rig) -> None:
    origin = started(rig, X_Correlation_ID=BASKET, traceparent=TRACE)

    assert origin == Origin(traceparent=TRACE, correlation_id=BASKET)
    (event,) = rig.get(EVENTS)["events"]
    assert (event["traceparent"], event["correlation_id"]) == (TRACE, BASKET)
    (replayed,) = rig.get(f"/api/event-store/replay/checkout/{event['checkout_id']}")["events"]
    assert (replayed["traceparent"], replayed["correlation_id"]) == (TRACE, BASKET)


def test_a_receipt_and_an_intervention_carry_them_too(rig: Rig) -> None:
    checkout_id = rig.post(START, body()).get_json()["checkout_id"]

    rig.post("/api/inventory/p1/receipts", {"quantite": 1}, X_Correlation_ID="truck-1")
    rig.post(f"/api/checkouts/{checkout_id}/cancel", {"reason": "late"}, X_Correlation_ID="call-42")

    ((received,),) = rig.store.read(INVENTORY, ["p1"])
    assert received.origin == Origin(correlation_id="truck-1")
    assert [recorded.origin.correlation_id for recorded in rig.history(checkout_id)] == [None, "call-42"]


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics", EVENTS, "/nowhere", "/api/checkouts/none"])
def test_both_are_given_back_on_every_answer(rig: Rig, path: str) -> None:
    headers = rig.client.get(path, headers={"X-Correlation-ID": BASKET, "traceparent": TRACE}).headers

    assert (headers.getlist("X-Correlation-ID"), headers.getlist("traceparent")) == ([BASKET], [TRACE])


def test_who_gives_none_is_told_one_of_its_own_that_no_event_carries(rig: Rig) -> None:
    answers = [rig.post(START, body()) for _ in range(2)]

    made = {answer.headers["X-Correlation-ID"] for answer in answers}
    assert len(made) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in made)
    assert "traceparent" not in answers[0].headers
    assert rig.history(answers[0].get_json()["checkout_id"])[0].origin is NO_ORIGIN


def test_an_answer_to_a_repeat_names_the_repeat_and_the_event_keeps_the_first(rig: Rig) -> None:
    first = rig.post(START, body(), Idempotency_Key="k1", X_Correlation_ID="one")
    again = rig.post(START, body(), Idempotency_Key="k1", X_Correlation_ID="two")

    assert again.headers["X-Correlation-ID"] == "two"
    assert again.json == first.json
    (recorded,) = rig.history(first.get_json()["checkout_id"])
    assert recorded.origin.correlation_id == "one"


@pytest.mark.parametrize("given", ["", " ", "two words", "é", "x" * 129, "tab\there"])
def test_one_that_breaks_its_rule_is_refused_by_name_and_nothing_is_done(rig: Rig, given: str) -> None:
    response = rig.post(START, body(), X_Correlation_ID=given)

    assert_problem(response, 422, type="/problems/invalid-value", field="X-Correlation-ID")
    assert re.fullmatch("[0-9a-f]{32}", response.headers["X-Correlation-ID"])
    assert rig.get(EVENTS)["events"] == []


@pytest.mark.parametrize("given", ["x", "x" * 128, "~!/a=b;c", "2d1b5e3c-6d1b-4a0e-9f57-3c5d8f0e9a11"])
def test_one_inside_its_limits_is_accepted(rig: Rig, given: str) -> None:
    assert started(rig, X_Correlation_ID=given).correlation_id == given


@pytest.mark.parametrize("trace", ["", "nonsense", TRACE.upper(), f"00-{'0' * 32}-{'1' * 16}-01"])
def test_an_invalid_trace_is_ignored_and_not_given_back(rig: Rig, trace: str) -> None:
    response = rig.post(START, body(), traceparent=trace)

    assert "traceparent" not in response.headers
    assert rig.history(response.get_json()["checkout_id"])[0].origin is NO_ORIGIN


def test_who_is_turned_away_is_told_too() -> None:
    gates = Gates.of(HttpLimits(at_once_max=1, queue_max=0))
    rig = Rig.build(gates=gates)
    assert gates.work.enter()

    response = rig.client.get(EVENTS, headers={"X-Correlation-ID": BASKET})

    assert_problem(response, 503, type="/problems/overloaded")
    assert response.headers["X-Correlation-ID"] == BASKET


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged, as programs read it."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    configure_logging("info", "json", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_every_log_line_of_a_request_names_it(rig: Rig, log: io.StringIO) -> None:
    rig.store.trouble = Unavailable("the store is away")

    rig.client.get("/api/checkouts/k1", headers={"X-Correlation-ID": BASKET, "traceparent": TRACE})
    made = rig.client.get("/api/checkouts/k1").headers["X-Correlation-ID"]
    logging.getLogger("elsewhere").warning("between requests")

    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [(line.get("correlation_id"), line.get("trace_id")) for line in lines] == [
        (BASKET, TRACE[3:35]),
        (made, None),
        (None, None),
    ]
