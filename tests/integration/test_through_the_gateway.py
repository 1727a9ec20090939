"""A shop is served through the gateway alone: whatever it is told to follow, it finds there."""

import itertools
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from flask import request
from werkzeug.test import TestResponse

from adapters.http.door.proxies import consumer
from application.events.streams import CHECKOUTS
from tests.kong.front import CLIENT_ADDRESS, Front
from tests.unit.http.rig import START, body
from tests.unit.http.test_every_route import filled
from tests.unit.http.test_proxies import links_in

CLIENT: Final = "3f0d6c1e-8a4b-4a53-9d0e-2f6a7c1b5e90"
CHOREO: Final = f"/api/ecommerce/api/commandes/clients/{CLIENT}/checkout/choreo/"
EVENTS: Final = f"/event-store/api/event-store/streams/{CHECKOUTS}/events"
CART: Final = {"panier": {"produits": [{"produit_id": "p1", "quantite": 2, "prix_unitaire": 10.0}]}}
KNOWN: Final = [
    ("POST", CHOREO, "checkouts.start_for_shop"),
    ("POST", "/api/ecommerce/api/checkouts", "checkouts.start"),
    ("GET", "/api/ecommerce/api/checkouts/k1", "checkouts.show"),
    ("GET", EVENTS, "event_store.list_events"),
    ("GET", "/event-store/api/event-store/replay/checkout/k1", "event_store.replay"),
    ("GET", f"/event-store/api/event-store/cqrs/orders-by-client/{CLIENT}", "event_store.orders_by_client"),
]
"""What the existing shop and those who look at events ask the gateway for."""


@pytest.fixture
def front() -> Front:
    front = Front()
    front.shop.receive({"p1": 10})
    front.shop.run()
    return front


def checked_out(front: Front) -> str:
    """Where the shop is told to look for a checkout that has ended well."""
    response = front.ask(CHOREO, method="POST", json=CART)
    assert response.status_code == 202, response.text
    front.shop.run()
    return str(response.headers["Location"])


def pages(front: Front, path: str) -> Iterator[Any]:
    """Every page from `path` on, by the Link header alone."""
    while path:
        response = front.ask(path)
        assert response.status_code == 200, (path, response.text)
        yield response.json
        link = re.fullmatch('<([^>]+)>; rel="next"', response.headers.get("Link", ""))
        path = link[1] if link else ""


def is_kongs_own(response: TestResponse) -> bool:
    return response.content_type == "application/json; charset=utf-8"


def test_a_checkout_is_started_followed_and_replayed_there_alone(front: Front) -> None:
    started = front.ask(CHOREO, method="POST", json=CART)
    assert started.status_code == 202
    assert started.get_json()["follow"] == started.headers["Location"]
    assert started.headers["Location"].startswith("/api/ecommerce/api/checkouts/")
    front.shop.run()

    shown = front.json(started.headers["Location"])
    replay = front.json(shown["links"]["replay"])
    orders = front.json(shown["links"]["orders"])

    assert shown["status"] == "succeeded"
    assert [event["type"] for event in replay["events"]][-1] == "CheckoutSucceeded"
    assert (orders["total_orders"], orders["last_checkout_id"]) == (1, shown["checkout_id"])
    assert front.json(shown["links"]["self"]) == shown


def test_under_the_event_stores_prefix_a_checkout_is_replayed_and_nothing_is_done(front: Front) -> None:
    checkout_id = checked_out(front).rpartition("/")[2]

    there = front.json(f"/event-store/api/event-store/replay/checkout/{checkout_id}")
    elsewhere = front.ask(f"/event-store/api/checkouts/{checkout_id}")

    assert there["status"] == "succeeded"
    assert (elsewhere.status_code, elsewhere.mimetype) == (404, "application/problem+json")


def test_each_prefix_shows_the_document_of_what_answers_under_it(front: Front) -> None:
    whole, store = (front.json(f"{at}/openapi.json") for at in ("/api/ecommerce", "/event-store"))

    assert (whole["servers"], store["servers"]) == ([{"url": "/api/ecommerce"}], [{"url": "/event-store"}])
    assert "/api/checkouts" in whole["paths"].keys() - store["paths"].keys()
    page = front.ask("/event-store/docs").text
    (script,) = re.findall('src="([^"]+)"', page)
    assert 'spec-url="/event-store/openapi.json"' in page
    assert front.ask(script).status_code == 200


def test_a_checkout_is_followed_as_a_stream_of_events(front: Front) -> None:
    followed = front.ask(checked_out(front), headers={"Accept": "text/event-stream"})

    assert (followed.status_code, followed.mimetype) == (200, "text/event-stream")
    assert "CheckoutInitiated" in followed.text
    assert "CheckoutSucceeded" in followed.text


@pytest.mark.parametrize("at", ["/api/ecommerce", "/event-store"])
def test_pages_lead_to_the_end(front: Front, at: str) -> None:
    for _ in range(3):
        checked_out(front)

    found = list(pages(front, f"{at}/api/event-store/streams/{CHECKOUTS}/events?count=2"))

    assert [len(page["events"]) for page in found[:6]] == [2] * 6
    assert sum(len(page["events"]) for page in found) == 12


def test_every_link_of_every_answer_is_found_at_the_gateway(front: Front) -> None:
    asked: set[str] = set()
    ahead = {checked_out(front), EVENTS, f"/api/ecommerce/api/event-store/streams/{CHECKOUTS}/events?count=1"}
    while ahead:
        path = ahead.pop()
        asked.add(path)
        response = front.ask(path)
        assert response.status_code == 200, (path, response.text)
        named = re.findall("<([^>]+)>", response.headers.get("Link", ""))
        assert all(link.startswith(("/api/ecommerce/", "/event-store/")) for link in named)
        ahead |= {*links_in(response.json), *named} - asked
    assert len(asked) > 5


def test_what_goes_wrong_is_told_by_the_service_under_the_prefix(front: Front) -> None:
    for path, status in (("/api/checkouts/nobody", 404), ("/api/event-store/streams/x/events", 404)):
        problem = front.ask("/event-store" + path)
        assert (problem.status_code, problem.content_type) == (status, "application/problem+json")
        assert problem.get_json()["type"] == "/event-store/problems/not-found"
        assert "Not found" in front.ask(problem.get_json()["type"], headers={"Accept": "text/html"}).text
    refused = front.ask("/api/ecommerce" + START, method="POST", json={})
    assert refused.get_json()["type"] == "/api/ecommerce/problems/invalid-value"
    assert front.ask(refused.get_json()["type"]).status_code == 200


@pytest.mark.parametrize(("method", "path", "operation"), KNOWN)
def test_the_known_paths_reach_their_operations(front: Front, method: str, path: str, operation: str) -> None:
    found = []
    for application in front.behind.values():
        application.before_request(lambda: found.append(request.endpoint))

    front.ask(path, method=method, json=CART if method == "POST" else None)

    assert found == [operation]


def test_every_operation_is_reached_through_its_route_with_each_of_its_methods(front: Front) -> None:
    reached: set[tuple[str, str | None]] = set()
    expected = set()
    for at, application in front.behind.items():
        application.before_request(lambda: reached.add((request.root_path, request.endpoint)))
        for rule in application.url_map.iter_rules():
            if rule.endpoint.startswith("health."):
                continue
            expected.add((at, rule.endpoint))
            assert rule.methods
            for method, name in itertools.product(rule.methods, front.keys):
                assert not is_kongs_own(front.ask(at + filled(rule.rule, "k1"), name, method=method))
    assert reached == expected


def test_nothing_of_the_health_of_the_service_is_shown(front: Front) -> None:
    for at in ("/api/ecommerce", "/event-store"):
        for path in ("/metrics", "metrics", "/livez", "/readyz", "/readyz/"):
            assert is_kongs_own(front.ask(at + path, "operations"))


def test_a_consumer_may_do_what_the_services_key_for_it_opens(front: Front) -> None:
    checkout_id = checked_out(front).rpartition("/")[2]
    cancel = f"/api/ecommerce/api/checkouts/{checkout_id}/cancel"
    asked = {"method": "POST", "json": {"reason": "the customer called"}}

    assert front.ask(cancel, "shop", **asked).status_code == 403
    assert front.ask(cancel, "operations", **asked).status_code == 409
    assert front.ask(CHOREO, "operations", method="POST", json=CART).status_code == 403


def test_a_key_of_the_service_opens_nothing_at_the_gateway_and_changes_nothing(front: Front) -> None:
    api_key = front.api_keys["operations"]
    forged = {"Authorization": f"Bearer {api_key}"}

    assert is_kongs_own(front.ask(EVENTS, None, headers={"x-api-key": api_key}))
    assert front.ask("/api/ecommerce/api/dead-letters", "shop", headers=forged).status_code == 403


def test_a_consumer_cannot_pass_for_another(front: Front) -> None:
    forged = {
        "X-Consumer-Username": "operations",
        "X-Forwarded-Prefix": "/forged",
        "X-Forwarded-For": "10.0.0.7",
    }
    seen = []
    front.event_store.before_request(
        lambda: seen.append((consumer(), request.root_path, request.remote_addr))
    )

    front.ask(EVENTS, "shop", headers=forged)

    assert seen == [("shop", "/event-store", CLIENT_ADDRESS)]


def test_around_the_gateway_its_headers_say_nothing(front: Front) -> None:
    headers = {"Authorization": f"Bearer {front.api_keys['shop']}", "X-Forwarded-Prefix": "/forged"}

    started = front.application.test_client().post(START, json=body(), headers=headers)

    assert started.status_code == 202
    assert started.headers["Location"].startswith("/api/checkouts/")


def test_the_correlation_id_of_the_gateway_is_in_every_event(front: Front) -> None:
    given = front.ask(CHOREO, method="POST", json=CART)
    named = front.ask(CHOREO, method="POST", json=CART, headers={"X-Correlation-ID": "mine"})
    front.shop.run()

    for started, id_ in ((given, given.headers["X-Correlation-ID"]), (named, "mine")):
        replay = front.json(
            f"/event-store/api/event-store/replay/checkout/{started.get_json()['checkout_id']}"
        )
        assert {event["correlation_id"] for event in replay["events"]} == {id_}
    assert len(given.headers["X-Correlation-ID"]) == 36
