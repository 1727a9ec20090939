"""What holds for every route and every answer."""

import re
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from werkzeug.test import Client

from adapters.http.app import HttpLimits
from adapters.http.door.safe_headers import SafeHeaders
from application.ports.errors import Unavailable
from domain.errors import DomainError
from tests.logged import logged
from tests.unit.http.rig import CHOREO, EVENTS, PROBLEM, START, Rig, assert_problem, body, order_of

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
NOT_FROM_THE_STORE = {
    "calls.list_some",
    "event_schemas.show",
    "event_store.orders_by_client",
    "interventions.list_deadlines",
    "interventions.list_stuck",
    "problems.list_all",
    "problems.show",
    *(f"dead_letters.{name}" for name in ("list_some", "show", "redrive", "redrive_some", "discard")),
}
STORELESS = ("health.", "contract.")
BY_HAND = {"reason": "the customer called"}
CALLS = [
    ("POST", START, body()),
    ("POST", CHOREO, {"panier": body()["panier"]}),
    ("GET", "/api/checkouts/k1", None),
    ("GET", EVENTS, None),
    ("GET", "/api/event-store/replay/checkout/k1", None),
    ("GET", "/api/orders/o1", None),
    ("GET", "/api/inventory/p1", None),
    ("POST", "/api/inventory/p1/receipts", {"quantite": 1}),
    ("POST", "/api/checkouts/k1/cancel", BY_HAND),
    ("POST", "/api/checkouts/k1/retry", BY_HAND),
    ("POST", "/api/checkouts/k1/force-compensation", BY_HAND),
    ("POST", "/api/checkouts/k1/resolve", BY_HAND),
    ("POST", "/api/checkouts/k1/deadline", BY_HAND | {"in_s": 60}),
    ("GET", "/api/calls/k1:take-1", None),
    ("POST", "/api/calls/k1:take-1/settle", BY_HAND | {"happened": True}),
]


def rules(rig: Rig) -> list[tuple[str, set[str]]]:
    """Every registered path and its methods."""
    return [(rule.rule, set(rule.methods or ())) for rule in rig.client.application.url_map.iter_rules()]


def filled(path: str, value: str) -> str:
    return re.sub("<[^>]+>", lambda _: value, path)


def test_a_method_that_a_path_does_not_have_is_a_problem(rig: Rig) -> None:
    for path, methods in rules(rig):
        for method in set(METHODS) - methods:
            response = rig.client.open(filled(path, "x"), method=method)
            assert (response.status_code, response.content_type) == (405, PROBLEM), (method, path)
            assert set(response.headers["Allow"].split(", ")) == methods


def test_every_route_is_known_to_the_tests_of_trouble(rig: Rig) -> None:
    adapter = rig.client.application.url_map.bind("localhost")
    tried = {adapter.match(path, method)[0] for method, path, _ in CALLS}

    endpoints = {rule.endpoint for rule in rig.client.application.url_map.iter_rules()}
    assert {name for name in endpoints - tried if not name.startswith(STORELESS)} == NOT_FROM_THE_STORE


@pytest.mark.parametrize("suffix", ["", "/"])
def test_a_slash_at_the_end_makes_no_difference(rig: Rig, suffix: str) -> None:
    for method, path, sent in CALLS[:2]:
        response = rig.client.open(path.rstrip("/") + suffix, method=method, json=sent)
        assert response.status_code == 202
    for path in (EVENTS, "/livez", "/readyz", "/metrics"):
        assert rig.client.get(path + suffix).status_code == 200


def test_head_answers_as_get_without_a_body(rig: Rig) -> None:
    for path in (EVENTS, "/livez", "/api/checkouts/nobody"):
        got, head = rig.client.get(path), rig.client.head(path)
        assert (head.status_code, head.content_type, head.data) == (got.status_code, got.content_type, b"")
        assert head.headers["Content-Length"] == got.headers["Content-Length"]


@pytest.mark.parametrize("path", [EVENTS, "/livez", "/nowhere", "/api/checkouts", "/api/inventory/*"])
def test_no_answer_is_stored_or_taken_for_something_else(rig: Rig, path: str) -> None:
    headers = rig.client.get(path).headers

    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")


@pytest.mark.parametrize(("method", "path", "sent"), CALLS)
def test_a_store_that_is_away_is_a_503_that_says_when_to_come_back(
    method: str, path: str, sent: object
) -> None:
    rig = Rig.build(HttpLimits(retry_after_s=7))
    rig.given("k1", *order_of("k1", "o1"))
    rig.store.trouble = Unavailable("connection to 10.0.0.7 refused")

    response = rig.client.open(path, method=method, json=sent)

    assert_problem(response, 503, type="/problems/unavailable")
    assert response.headers["Retry-After"] == "7"
    assert "10.0.0.7" not in response.text
    rig.store.trouble = None
    assert rig.client.open(path, method=method, json=sent).status_code < 500


@pytest.mark.parametrize(("method", "path", "sent"), CALLS[:4])
def test_a_bug_is_logged_and_not_shown(rig: Rig, method: str, path: str, sent: object) -> None:
    rig.store.trouble = RuntimeError("secret")

    with logged() as lines:
        response = rig.client.open(path, method=method, json=sent)

    assert_problem(response, 500, type="/problems/internal-error")
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    (line,) = lines()
    assert (line["event"], line["error"], line["method"]) == ("request failed", "RuntimeError", method)
    assert line["exception"].startswith("Traceback")
    assert line["correlation_id"]
    assert "secret" not in str(line)


def test_a_refusal_without_a_field_is_told_in_its_own_words(rig: Rig) -> None:
    rig.store.trouble = DomainError("not on Sundays")

    response = rig.post(START, body())

    assert_problem(response, 422, type="/problems/refused", detail="not on Sundays")


@pytest.mark.parametrize(
    "path", [EVENTS, "/livez", "/metrics", "/nowhere", "/api/checkouts", "/api/inventory/*"]
)
def test_no_answer_is_for_a_browser_to_run_or_to_hand_on(rig: Rig, path: str) -> None:
    headers = rig.client.get(path).headers

    assert headers.getlist("Content-Security-Policy") == ["default-src 'none'; frame-ancestors 'none'"]
    assert headers.getlist("X-Content-Type-Options") == ["nosniff"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Server" not in headers
    assert "X-Powered-By" not in headers


def test_a_page_brings_a_policy_of_its_own() -> None:
    def page(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        start("200 OK", [("Content-Type", "text/html"), ("Content-Security-Policy", "img-src 'self'")])
        return []

    headers = Client(SafeHeaders(page)).get("/").headers

    assert headers.getlist("Content-Security-Policy") == ["img-src 'self'"]
    assert headers["X-Content-Type-Options"] == "nosniff"
