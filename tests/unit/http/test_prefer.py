"""`Prefer: wait=5` (RFC 7240): who would rather wait for the end of a checkout does so, within bounds."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from adapters.http.app import HttpLimits
from adapters.http.door.admission import Gates
from adapters.http.live.prefer import wait_s
from application.events.streams import CHECKOUTS
from application.ports.errors import Unavailable
from domain.checkout.events import CheckoutFailed
from tests.each_row import each_row
from tests.unit.http.rig import CHOREO, START, Rig, body, order_of
from tests.waiting import eventually

LONGEST_S = 20
WAIT = f"wait={LONGEST_S}"
SHOP_CART = {"panier": body()["panier"]}
FLASK = Flask(__name__)


@each_row(
    ("header", "seconds"),
    [
        ("wait=5", 5),
        ("wait=0", 0),
        ("wait=20", 20),
        ("wait=3600", 20),
        ('wait="5"', 5),
        ("WAIT = 5", 5),
        ("respond-async, wait=5", 5),
        ("wait=5; strict, return=minimal", 5),
        ('handling=lenient; a="x, wait=9; \\"", wait=5', 5),
        (",, wait=5,", 5),
        ("wait=5, wait=9", 5),
        ("wait=abc, wait=9", None),
        ("wait=-1", None),
        ("wait=1.5", None),
        ("wait", None),
        ("wait=", None),
        ("wait=9999999999", None),
        ("waiting=5", None),
        ("respond-async", None),
        ('"unclosed, wait=5', 5),
        ("@@@, wait=5", 5),
        ("", None),
        ("x" * 5_000, None),
        ('"' * 5_000, None),
        (", " * 500, None),
        (('\\"' * 500), None),
        ("a" + ";  " * 300 + "@", None),
    ],
)
def test_the_header_is_read_as_the_standard_says(header: str, seconds: int | None) -> None:
    with FLASK.test_request_context(headers={"Prefer": header}):
        assert wait_s(LONGEST_S) == seconds


def test_without_the_header_nobody_waits() -> None:
    with FLASK.test_request_context():
        assert wait_s(LONGEST_S) is None


class Waiting:
    """Callers of one rig who would rather wait, and what becomes of their checkouts meanwhile."""

    def __init__(self, several: ThreadPoolExecutor, limits: HttpLimits) -> None:
        self.gates = Gates.of(limits)
        self.rig = Rig.build(limits, self.gates)
        self.several = several

    def post(self, path: str = START, sent: object = None, key: str | None = None) -> "Future[TestResponse]":
        headers = {"Prefer": WAIT} | ({"Idempotency-Key": key} if key else {})
        client = self.rig.client.application.test_client()
        return self.several.submit(client.post, path, json=sent or body(), headers=headers)

    def get(self, checkout_id: str, prefer: str = WAIT) -> "Future[TestResponse]":
        client = self.rig.client.application.test_client()
        return self.several.submit(client.get, f"{START}/{checkout_id}", headers={"Prefer": prefer})

    def wait(self, count: int = 1) -> None:
        """Until so many wait."""
        eventually(lambda: self.gates.waiters.inside == count)

    def end_all(self) -> None:
        """Every checkout ends in an order."""
        for entry in self.rig.store.page(CHECKOUTS, count=100).entries:
            if entry.type == "CheckoutInitiated":
                assert entry.checkout_id
                self.rig.given(entry.checkout_id, *order_of(entry.checkout_id, f"o-{entry.checkout_id}")[1:])


def told(response: TestResponse) -> dict[str, Any]:
    """What the body says."""
    assert isinstance(response.json, dict), response.text
    return response.json


@pytest.fixture
def several() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as several:
        yield several


@pytest.fixture
def waiting(several: ThreadPoolExecutor) -> Waiting:
    return Waiting(
        several, HttpLimits(at_once_max=2, queue_max=0, waiters_max=3, prefer_wait_max_s=LONGEST_S)
    )


@pytest.mark.parametrize(("path", "sent"), [(START, body()), (CHOREO, SHOP_CART)])
def test_a_checkout_that_ends_in_time_is_answered_201_with_how_it_stands(
    waiting: Waiting, path: str, sent: object
) -> None:
    asked = waiting.post(path, sent)
    waiting.wait()
    waiting.end_all()
    response = asked.result()

    assert response.status_code == 201
    assert response.headers["Preference-Applied"] == WAIT
    now = waiting.rig.get(response.headers["Location"])
    assert now["status"] == "succeeded"
    assert now["position"] == waiting.rig.history(now["checkout_id"])[-1].position
    said = {"accepted": True, "follow": response.headers["Location"]} if path == CHOREO else {}
    assert response.json == now | said


def test_a_failure_is_an_end_too(waiting: Waiting) -> None:
    asked = waiting.post()
    waiting.wait()
    (entry,) = waiting.rig.store.page(CHECKOUTS, count=1).entries
    assert entry.checkout_id
    waiting.rig.given(
        entry.checkout_id, CheckoutFailed(checkout_id=entry.checkout_id, client_id="c1", reason="too late")
    )

    assert (asked.result().status_code, told(asked.result())["status"]) == (201, "failed")


@pytest.mark.parametrize("path", [START, CHOREO])
def test_one_that_does_not_is_answered_as_without_waiting(rig: Rig, path: str) -> None:
    sent = SHOP_CART if path == CHOREO else body()
    response = rig.post(path, sent, Prefer="wait=0")

    assert response.status_code == 202
    assert response.headers["Preference-Applied"] == "wait=0"
    assert ("accepted" in told(response)) == (path == CHOREO)
    plain = rig.post(path, sent)
    assert plain.status_code == 202
    assert "Preference-Applied" not in plain.headers
    assert told(plain).keys() == told(response).keys()


def test_the_same_request_again_tells_the_end_at_once(waiting: Waiting) -> None:
    asked = waiting.post(key="k")
    waiting.wait()
    waiting.end_all()
    again = waiting.post(key="k").result()

    assert (again.status_code, again.json) == (201, asked.result().json)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in asked.result().headers


def test_a_question_waits_too(waiting: Waiting) -> None:
    waiting.rig.given("k1", *order_of("k1", "o1")[:1])
    first = waiting.get("k1", "wait=0").result()
    assert (first.status_code, told(first)["status"]) == (200, "initiated")
    assert first.headers["Preference-Applied"] == "wait=0"
    assert set(first.headers["Vary"].split(", ")) >= {"Accept", "Prefer"}

    asked = waiting.get("k1")
    waiting.wait()
    waiting.end_all()

    assert (asked.result().status_code, told(asked.result())["status"]) == (200, "succeeded")
    assert waiting.get("nobody").result().status_code == 404


def test_those_who_wait_are_in_nobodys_way_and_no_more_than_may(waiting: Waiting) -> None:
    asked = [waiting.post() for _ in range(1)]
    for count in (2, 3):
        waiting.wait(count - 1)
        asked.append(waiting.post())
    waiting.wait(3)  # more than are worked on at once

    assert waiting.gates.work.inside == 0
    one_more = waiting.post().result(timeout=5)
    assert one_more.status_code == 202
    assert "Preference-Applied" not in one_more.headers
    assert waiting.rig.post(START, body()).status_code == 202
    waiting.end_all()
    assert [one.result().status_code for one in asked] == [201] * 3
    assert (waiting.gates.waiters.inside, waiting.gates.work.inside) == (0, 0)


def test_what_was_accepted_is_accepted_although_nobody_can_wait_for_it(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise Unavailable("away")

    monkeypatch.setattr("adapters.inmemory.event_feed.InMemoryEventFeed.end", away)

    response = rig.post(START, body(), Prefer=WAIT)

    assert response.status_code == 202
    assert "Preference-Applied" not in response.headers


def test_a_position_is_awaited_by_the_read_model_and_what_is_older_is_not_shown() -> None:
    rig = Rig.build(HttpLimits(read_wait_max_ms=1, retry_after_s=7))
    *_, last = rig.given("k1", *order_of("k1", "o1"))
    paths = ("/api/orders/o1", "/api/event-store/cqrs/orders-by-client/c1")
    for path in paths:
        behind = rig.client.get(f"{path}?min_position={last}")
        assert behind.status_code == 202
        assert behind.headers["Retry-After"] == "7"
        assert (told(behind)["status"], told(behind)["min_position"]) == ("behind", last)

    rig.project()

    for path in paths:
        assert rig.get(f"{path}?min_position={last}") == rig.get(path)


def test_one_who_comes_a_little_early_waits_and_reads_it(several: ThreadPoolExecutor) -> None:
    gates = Gates.of(HttpLimits(waiters_max=1))
    rig = Rig.build(HttpLimits(read_wait_max_ms=LONGEST_S * 1000), gates)
    *_, last = rig.given("k1", *order_of("k1", "o1"))
    client = rig.client.application.test_client()
    asked = several.submit(client.get, f"/api/orders/o1?min_position={last}")
    eventually(lambda: gates.waiters.inside == 1)
    assert gates.work.inside == 0

    assert rig.client.get(f"/api/orders/o1?min_position={last}").status_code == 202  # no place to wait
    rig.project()

    assert asked.result().status_code == 200


@pytest.mark.parametrize(
    "path", ["/api/orders/o1", "/api/event-store/cqrs/orders-by-client/c1", "/api/inventory/p1"]
)
def test_a_position_that_is_none_is_refused(rig: Rig, path: str) -> None:
    rig.given("k1", *order_of("k1", "o1"))

    for wrong in ("now", "-1", "1-2-3"):
        response = rig.client.get(f"{path}?min_position={wrong}")
        assert response.status_code == 422, response.text
        assert told(response)["field"] == "min_position"
    if "inventory" not in path:
        beyond = rig.client.get(f"{path}?min_position=9999999999999-0")
        assert beyond.status_code == 422
        assert told(beyond)["field"] == "min_position"


def test_stock_is_never_behind(rig: Rig) -> None:
    position = told(rig.post("/api/inventory/p1/receipts", {"quantite": 2}))["position"]

    assert rig.get(f"/api/inventory/p1?min_position={position}")["quantite_disponible"] == 2
