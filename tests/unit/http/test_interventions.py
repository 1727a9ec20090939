"""What a person does about a checkout, over HTTP."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from application.events.streams import CHECKOUTS
from domain.checkout.events import CheckoutCancelled, DeadlinePostponed
from domain.checkout.saga import DEADLINE, STOCK_RESERVATION
from tests.each_row import each_row
from tests.shop import Shop
from tests.unit.http.rig import assert_problem, client_of

STUCK = "/api/checkouts/stuck"
DEADLINES = "/api/deadlines"
ACTS = ("cancel", "retry", "force-compensation", "resolve")


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.receive({"pencil": 5})
    return shop


@pytest.fixture
def client(shop: Shop) -> FlaskClient:
    return client_of(shop.container)


@pytest.fixture
def held(shop: Shop) -> str:
    """A checkout whose stock is held, and that waits for its order."""
    checkout_id = shop.start({"pencil": 2})
    shop.run(STOCK_RESERVATION, DEADLINE)
    return checkout_id


def last_event(shop: Shop, checkout_id: str) -> Any:
    return shop.store.read(CHECKOUTS, [checkout_id])[0][-1].event


def test_one_that_is_cancelled_gives_back_what_it_took(shop: Shop, client: FlaskClient, held: str) -> None:
    response = client.post(
        f"/api/checkouts/{held}/cancel", json={"reason": "changed her mind"}, headers={"X-Actor": "ada"}
    )

    assert response.status_code == 202
    assert response.headers["Location"] == f"/api/checkouts/{held}"
    found = response.get_json()
    assert (found["step"], found["reason"]) == ("compensating", "cancelled: changed her mind")
    assert found["links"]["self"] == f"/api/checkouts/{held}"
    event = last_event(shop, held)
    assert isinstance(event, CheckoutCancelled)
    assert (event.actor, event.reason) == ("ada", "changed her mind")
    shop.run()
    assert shop.stock("pencil") == (5, 0)
    assert shop.replay(held).view.status == "failed"


@pytest.mark.parametrize(
    ("act", "step", "fact"),
    [
        ("cancel", "compensating", "CheckoutCancelled"),
        ("retry", "stock_reserved", "StepRetried"),
        ("force-compensation", "compensating", "CompensationForced"),
        ("resolve", "failed", "CheckoutResolved"),
    ],
)
def test_every_act_is_an_event_with_who_and_why(
    client: FlaskClient, held: str, act: str, step: str, fact: str
) -> None:
    response = client.post(f"/api/checkouts/{held}/{act}", json={"reason": "seen", "actor": "bob"})

    assert (response.status_code, response.get_json()["step"]) == (202, step)
    replay = client.get(f"/api/event-store/replay/checkout/{held}").get_json()
    (payload,) = [event["payload"] for event in replay["events"] if event["type"] == fact]
    assert (payload["actor"], payload["reason"]) == ("bob", "seen")


@pytest.mark.parametrize("act", [*ACTS, "deadline"])
def test_one_that_has_ended_answers_409_and_one_that_never_was_404(
    shop: Shop, client: FlaskClient, held: str, act: str
) -> None:
    shop.run()
    body: dict[str, Any] = {"reason": "too late"} | ({"in_s": 60} if act == "deadline" else {})

    ended = client.post(f"/api/checkouts/{held}/{act}", json=body)
    unknown = client.post(f"/api/checkouts/nobody/{act}", json=body)

    assert_problem(ended, 409, type="/problems/checkout-ended", detail=f"checkout {held} has ended")
    assert_problem(unknown, 404, field="checkout_id", detail="there is no checkout nobody")


@pytest.mark.parametrize(
    ("act", "body"), [("cancel", {}), ("deadline", {"none": True}), ("deadline", {"expires_at": 2e9})]
)
def test_what_has_come_about_before_is_answered_200_and_unchanged(
    shop: Shop, client: FlaskClient, held: str, act: str, body: dict[str, Any]
) -> None:
    first, second = (
        client.post(f"/api/checkouts/{held}/{act}", json=body | {"reason": reason})
        for reason in ("seen", "seen again")
    )

    assert (first.status_code, first.get_json()["changed"]) == (202, True)
    assert (second.status_code, second.get_json()) == (200, first.get_json() | {"changed": False})
    assert second.headers["Location"] == f"/api/checkouts/{held}"
    assert len(shop.facts(held)) == 3


@pytest.mark.parametrize("body", [{"none": True}, {"in_s": 60}])
def test_one_that_is_failing_gets_no_more_time(
    shop: Shop, client: FlaskClient, held: str, body: dict[str, Any]
) -> None:
    client.post(f"/api/checkouts/{held}/cancel", json={"reason": "seen"})

    refused = client.post(f"/api/checkouts/{held}/deadline", json=body | {"reason": "too late"})

    assert_problem(refused, 409, type="/problems/checkout-failing", field="checkout_id")
    assert shop.facts(held)[-1] == "CheckoutCancelled"


@each_row("act", ACTS)
@each_row(
    ("body", "field"),
    [
        ({}, "reason"),
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"reason": "x", "actor": " "}, "actor"),
        ({"reason": "x", "actor": "y" * 101}, "actor"),
        ({"reason": "x", "why": "y"}, "why"),
    ],
)
def test_an_act_needs_a_reason_and_an_actor_within_limits(
    client: FlaskClient, held: str, act: str, body: dict[str, str], field: str
) -> None:
    assert_problem(client.post(f"/api/checkouts/{held}/{act}", json=body), 422, field=field)


def test_who_asks_is_the_api_where_nobody_is_named(shop: Shop, client: FlaskClient, held: str) -> None:
    client.post(f"/api/checkouts/{held}/retry", json={"reason": "again"})

    assert last_event(shop, held).actor == "api"


@pytest.mark.parametrize(
    ("body", "until_s"),
    [
        ({"expires_at": 1_700_009_000.5}, 1_700_009_000.5),
        ({"in_s": 60}, 1_700_000_060.0),
        ({"none": True}, None),
    ],
)
def test_a_deadline_is_moved_or_taken_away(
    shop: Shop, client: FlaskClient, held: str, body: dict[str, Any], until_s: float | None
) -> None:
    response = client.post(f"/api/checkouts/{held}/deadline", json=body | {"reason": "a slow supplier"})

    assert response.status_code == 202
    event = last_event(shop, held)
    assert isinstance(event, DeadlinePostponed)
    assert event.expires_at_s == until_s
    shop.run(DEADLINE)
    due = [row["due_at"] for row in client.get(DEADLINES).get_json()["deadlines"]]
    assert due == ([] if until_s is None else [until_s])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"in_s": 5, "none": True}, "body"),
        ({"none": False}, "body"),
        ({"in_s": 0}, "in_s"),
        ({"in_s": 1.5}, "in_s"),
        ({"expires_at": "tomorrow"}, "expires_at"),
        ({"expires_at": -1}, "expires_at"),
    ],
)
def test_a_deadline_is_said_in_exactly_one_way(
    client: FlaskClient, held: str, body: dict[str, Any], field: str
) -> None:
    response = client.post(f"/api/checkouts/{held}/deadline", json=body | {"reason": "x"})

    assert_problem(response, 422, field=field)


def test_deadlines_are_listed_earliest_first_and_page_by_page(
    shop: Shop, client: FlaskClient, held: str
) -> None:
    shop.clock.advance(1)
    later = shop.start({"pencil": 1})
    shop.run(DEADLINE)

    one = client.get(f"{DEADLINES}?count=1")
    two = client.get(f"{DEADLINES}?count=1&after={one.get_json()['next']}").get_json()

    assert one.get_json()["deadlines"] == [
        {
            "checkout_id": held,
            "due_at": 1_700_000_900.0,
            "links": {"checkout": f"/api/checkouts/{held}"},
        }
    ]
    assert 'rel="next"' in one.headers["Link"]
    assert ([row["checkout_id"] for row in two["deadlines"]], two["next"]) == ([later], None)
    assert_problem(client.get(f"{DEADLINES}?after=later"), 422, field="after")


def test_what_waits_says_on_which_step_since_when_and_why(shop: Shop, client: FlaskClient, held: str) -> None:
    shop.clock.advance(400)

    (found,) = client.get(STUCK).get_json()["checkouts"]

    assert found == {
        "checkout_id": held,
        "client_id": "client-1",
        "step": "stock_reserved",
        "waits_for": "order-creation",
        "since": 1_700_000_000.0,
        "opened_at": 1_700_000_000.0,
        "last_fact": "StockReserved",
        "why": "order-creation has not come to it yet",
        "advice": "see whether the worker runs and keeps up: comptoir workers",
        "links": {
            "self": f"/api/checkouts/{held}",
            "replay": f"/api/event-store/replay/checkout/{held}",
            "orders": "/api/event-store/cqrs/orders-by-client/client-1",
        },
    }


def test_what_is_young_or_has_ended_is_not_stuck(shop: Shop, client: FlaskClient, held: str) -> None:
    assert client.get(STUCK).get_json() == {"checkouts": [], "next": None}
    assert len(client.get(f"{STUCK}?older_than_s=0").get_json()["checkouts"]) == 1

    shop.run()

    assert client.get(f"{STUCK}?older_than_s=0").get_json() == {"checkouts": [], "next": None}


@pytest.mark.parametrize("query", ["older_than_s=-1", "older_than_s=5m", "count=0", "after=1"])
def test_a_question_outside_its_limits_is_refused(client: FlaskClient, query: str) -> None:
    assert_problem(client.get(f"{STUCK}?{query}"), 422, field=query.partition("=")[0])
