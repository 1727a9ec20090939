"""Every request is counted by its route, and nothing that a caller made up becomes a label."""

import time
from collections import Counter
from typing import Final

import pytest

from adapters.http.app import HttpLimits
from adapters.http.door.admission import Gates
from adapters.http.door.door import Door
from adapters.http.door.doorkeeper import Doorkeeper
from adapters.http.door.rates import Rates
from adapters.http.requests_counted import METHODS, OTHER_METHOD, UNMATCHED, Labels, RequestsCounted
from tests.unit.http.keyed import EVERYTHING, RING, secret_for
from tests.unit.http.rig import START, Rig, body, order_of

ONE: Final = "/api/checkouts/<checkout_id>"
WAIT_MS: Final = 200


class Counted:
    """What was counted, and how long each took."""

    def __init__(self) -> None:
        self.requests: Counter[Labels] = Counter()
        self.took_s: list[float] = []

    def __call__(self, labels: Labels, took_s: float) -> None:
        self.requests[labels] += 1
        self.took_s.append(took_s)


@pytest.fixture
def counted() -> Counted:
    return Counted()


def test_requests_count_by_the_route_as_it_is_declared(counted: Counted) -> None:
    rig = Rig.build(count=counted)
    posted = rig.post(START, body())
    for checkout_id in ((posted.json or {})["checkout_id"], "two", "three"):
        rig.client.get(f"{START}/{checkout_id}")

    assert counted.requests == {("POST", START, "202"): 1, ("GET", ONE, "200"): 1, ("GET", ONE, "404"): 2}


def test_what_callers_make_up_is_no_label(counted: Counted) -> None:
    client = Rig.build(count=counted).client
    client.get("/made/up/by-somebody")
    client.post("/livez")
    client.open("/livez", method="BREW")
    client.get("/livez", headers={"X-Correlation-ID": "not one \x7f"})

    routes = {route for _, route, _ in counted.requests}
    methods = {method for method, _, _ in counted.requests}
    assert counted.requests.total() == 4
    assert routes == {UNMATCHED}
    assert methods == {"GET", "POST", OTHER_METHOD}
    assert OTHER_METHOD not in METHODS


def test_who_is_shed_counts_too(counted: Counted) -> None:
    limits = HttpLimits(at_once_max=1, queue_max=0)
    gates = Gates.of(limits)
    rig = Rig.build(limits, gates, count=counted)
    gates.work.enter()

    assert rig.post(START, body()).status_code == 503
    assert counted.requests == {("POST", UNMATCHED, "503"): 1}


def test_who_is_not_let_in_or_asks_too_often_counts_at_the_route_asked_for(counted: Counted) -> None:
    door = Door(doorkeeper=Doorkeeper(keys=RING), rates=Rates(per_key="1/hour"))
    client = Rig.build(door=door, count=counted).client
    for key in ("", "made up", secret_for("operate"), EVERYTHING, EVERYTHING):
        client.get(f"{START}/one", headers={"X-API-Key": key} if key else {})

    assert counted.requests == {
        ("GET", ONE, "401"): 2,
        ("GET", ONE, "403"): 1,
        ("GET", ONE, "404"): 1,
        ("GET", ONE, "429"): 1,
    }


def test_a_wait_that_was_asked_for_is_not_ours(counted: Counted) -> None:
    rig = Rig.build(HttpLimits(read_wait_max_ms=WAIT_MS), count=counted)
    *_, last = rig.given("k1", *order_of("k1", "o1"))
    counted.took_s.clear()
    began_s = time.perf_counter()
    answer = rig.client.get(f"/api/orders/o1?min_position={last}")
    took_s = time.perf_counter() - began_s

    assert answer.status_code == 202
    assert took_s >= WAIT_MS / 1000
    assert sum(counted.took_s) <= took_s - WAIT_MS / 1000


def test_a_request_that_breaks_the_application_counts_as_our_failure(counted: Counted) -> None:
    def broken(environ: object, start_response: object) -> list[bytes]:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        RequestsCounted(broken, counted)({"REQUEST_METHOD": "GET"}, lambda *_: lambda _: None)

    assert counted.requests == {("GET", UNMATCHED, "500"): 1}
