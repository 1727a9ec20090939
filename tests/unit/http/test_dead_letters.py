"""Dead letters over HTTP: found, looked at, redriven to their group alone, discarded with a reason."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from adapters.inmemory.event_bus import fields_of
from application.events.streams import CHECKOUTS
from tests.each_row import each_row
from tests.shop import Shop
from tests.unit.http.rig import assert_problem, client_of

LETTERS = "/api/dead-letters"
GROUPS = 2  # those that look into a start themselves: the reservation's and the deadline's


@pytest.fixture
def shop() -> Shop:
    """A shop where one entry, which is no event, has been set aside by every group that looks inside."""
    shop = Shop()
    malformed(shop, "k1")
    shop.run()
    return shop


@pytest.fixture
def client(shop: Shop) -> FlaskClient:
    return client_of(shop.container)


def malformed(shop: Shop, checkout_id: str) -> None:
    fields = fields_of(type="CheckoutInitiated", payload="{", checkout_id=checkout_id)
    shop.log.add(CHECKOUTS, fields)


def listed(client: FlaskClient, query: str = "") -> list[dict[str, Any]]:
    response = client.get(LETTERS + query)
    assert response.status_code == 200, response.text
    return list(response.get_json()["dead_letters"])


def first(client: FlaskClient) -> str:
    return str(listed(client)[0]["id"])


def post(
    client: FlaskClient, path: str, /, headers: dict[str, str] | None = None, **body: Any
) -> TestResponse:
    return client.post(LETTERS + path, json=body, headers=headers)


def test_a_list_says_what_failed_where_and_why(client: FlaskClient) -> None:
    letter = listed(client, "?group=checkout-reservation")[0]

    assert letter["state"] == "open"
    assert (letter["group"], letter["type"]) == ("checkout-reservation", "CheckoutInitiated")
    assert letter["attempts"] == 1
    assert "payload" in letter["reason"]
    assert letter["links"]["self"] == f"{LETTERS}/{letter['id']}"
    assert not {"traceback", "original"} & letter.keys()


@each_row(
    ("query", "found"),
    [
        ("", True),
        ("?state=open", True),
        ("?state=all", True),
        ("?state=redriven", False),
        ("?state=discarded", False),
        ("?type=CheckoutInitiated", True),
        ("?type=CheckoutFailed", False),
        ("?group=nobody", False),
        ("?reason=payload", True),
        ("?reason=no+such+words", False),
        ("?checkout_id=k1", True),
        ("?checkout_id=k2", False),
    ],
)
def test_a_list_holds_those_that_fit(client: FlaskClient, query: str, found: bool) -> None:
    assert bool(listed(client, query)) is found


def test_pages_follow_one_another_to_the_end(client: FlaskClient) -> None:
    all_ids, after = [letter["id"] for letter in listed(client)], None
    seen: list[str] = []
    while True:
        response = client.get(f"{LETTERS}?count=1" + (f"&after={after}" if after else ""))
        seen += [letter["id"] for letter in response.get_json()["dead_letters"]]
        after = response.get_json()["next"]
        if after is None:
            break
        assert f"after={after}" in response.headers["Link"]

    assert seen == all_ids
    assert len(seen) == GROUPS


def test_one_is_shown_with_everything_that_is_known_of_it(client: FlaskClient) -> None:
    shown = client.get(f"{LETTERS}/{first(client)}").get_json()

    assert "Traceback" in shown["traceback"]
    assert shown["original"] == {"type": "CheckoutInitiated", "payload": "{", "checkout_id": "k1"}
    assert shown["decision"] is None


def test_one_that_is_redriven_is_tried_again_by_its_group_alone(shop: Shop, client: FlaskClient) -> None:
    letter = listed(client, "?group=checkout-reservation")[0]

    response = client.post(
        f"{LETTERS}/{letter['id']}/redrive",
        json={"reason": "try again", "actor": "bob"},
        headers={"X-Actor": "ada"},
    )

    assert response.status_code == 200
    assert response.get_json()["state"] == "redriven"
    decision = response.get_json()["decision"]
    assert (decision["actor"], decision["reason"]) == ("ada", "try again")
    shop.pass_time(3_600)
    open_now = [(kept["group"], kept["id"] == letter["id"]) for kept in listed(client)]
    assert sorted(open_now) == [("checkout-deadline", False), ("checkout-reservation", False)]


def test_redriving_twice_does_nothing_twice(client: FlaskClient) -> None:
    letter = first(client)
    post(client, f"/{letter}/redrive")

    again = post(client, f"/{letter}/redrive")

    assert_problem(again, 409, type="/problems/already-decided", state="redriven")
    assert "by api" in again.get_json()["detail"]


def test_several_are_redriven_and_each_is_answered_for(client: FlaskClient) -> None:
    one, two, *_ = (letter["id"] for letter in listed(client))
    post(client, f"/{one}/discard", reason="junk")

    response = post(client, "/redrive", ids=[two, one, "999-0"])

    assert response.get_json() == {"answers": {two: "redriven", one: "already decided", "999-0": "unknown"}}


@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        ({"all": True}, GROUPS),
        ({"group": "checkout-order"}, 0),
        ({"group": "checkout-reservation"}, 1),
        ({"group": "checkout-reservation", "type": "CheckoutFailed"}, 0),
        ({"reason_contains": "payload"}, GROUPS),
        ({"checkout_id": "k1"}, GROUPS),
    ],
)
def test_all_that_fit_are_redriven(client: FlaskClient, wanted: dict[str, Any], number: int) -> None:
    answers = post(client, "/redrive", **wanted).get_json()["answers"]

    assert list(answers.values()) == ["redriven"] * number


@each_row(
    ("body", "field"),
    [
        ({}, "body"),
        ({"all": False}, "body"),
        ({"reason_contains": ""}, "body"),
        ({"ids": ["1-0"], "all": True}, "body"),
        ({"ids": []}, "ids"),
        ({"ids": ["one"]}, "ids[0]"),
        ({"ids": ["01-0"]}, "ids[0]"),
        ({"ids": ["1"]}, "ids[0]"),
        ({"ids": ["1-0"] * 1_001}, "ids"),
        ({"group": 1}, "group"),
        ({"groups": "x"}, "groups"),
        ({"all": True, "actor": ""}, "actor"),
    ],
)
def test_a_redrive_that_says_too_little_or_too_much_is_refused(
    client: FlaskClient, body: dict[str, Any], field: str
) -> None:
    assert_problem(post(client, "/redrive", **body), 422, field=field)


def test_one_that_is_discarded_keeps_who_and_why(client: FlaskClient) -> None:
    letter = first(client)

    response = post(client, f"/{letter}/discard", reason="a test of ours", actor="bob")

    assert response.get_json()["state"] == "discarded"
    decision = client.get(f"{LETTERS}/{letter}").get_json()["decision"]
    assert (decision["actor"], decision["reason"]) == ("bob", "a test of ours")
    assert_problem(post(client, f"/{letter}/discard", reason="again"), 409, state="discarded")
    assert letter not in {kept["id"] for kept in listed(client)}


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": "x" * 501}])
def test_a_discard_needs_a_reason(client: FlaskClient, body: dict[str, Any]) -> None:
    assert_problem(post(client, f"/{first(client)}/discard", **body), 422, field="reason")


def test_what_is_not_there_is_not_found(client: FlaskClient) -> None:
    for response in (
        client.get(f"{LETTERS}/999-0"),
        post(client, "/999-0/redrive"),
        post(client, "/999-0/discard", reason="gone"),
    ):
        assert_problem(response, 404, field="id")


def test_what_cannot_be_an_id_or_a_cursor_is_refused(client: FlaskClient) -> None:
    assert_problem(client.get(f"{LETTERS}/nonsense"), 422, field="id")
    assert_problem(client.get(f"{LETTERS}?after=nonsense"), 422, field="after")
    assert_problem(client.get(f"{LETTERS}?state=lost"), 422, field="state")
