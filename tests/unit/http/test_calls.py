"""Calls to existing services, over HTTP."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.shop_elsewhere import ShopElsewhere
from tests.unit.http.rig import assert_problem, client_of


@pytest.fixture
def shop() -> ShopElsewhere:
    return ShopElsewhere()


@pytest.fixture
def checkout(shop: ShopElsewhere) -> str:
    """A checkout with a sale in doubt."""
    shop.sales.faults.append("lost-after")
    checkout = shop.start({"p-1": 2})
    shop.run()
    return checkout


@pytest.fixture
def client(shop: ShopElsewhere, checkout: str) -> FlaskClient:
    assert checkout
    return client_of(shop.container)


def got(client: FlaskClient, path: str) -> Any:
    """The JSON of a page that must be there."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_those_in_doubt_are_listed(client: FlaskClient, checkout: str) -> None:
    found = got(client, "/api/calls?state=in-doubt")

    assert found == got(client, "/api/calls")
    assert [call["id"] for call in found["calls"]] == [f"{checkout}:enter-1"]
    (call,) = found["calls"]
    assert (call["service"], call["operation"], call["produit_id"]) == ("orders", "enter", "p-1")
    assert (call["standing"], call["why"]) == ("in doubt", "no answer in time")
    assert call["links"]["self"] == f"/api/calls/{checkout}:enter-1"


def test_all_calls_of_a_checkout_are_listed(client: FlaskClient, checkout: str) -> None:
    found = got(client, f"/api/calls?checkout_id={checkout}")["calls"]
    assert [(call["operation"], call["standing"]) for call in found] == [
        ("take", "done"),
        ("enter", "in doubt"),
    ]
    in_doubt = got(client, f"/api/calls?checkout_id={checkout}&state=in-doubt")["calls"]
    assert [call["operation"] for call in in_doubt] == ["enter"]
    assert got(client, "/api/calls?checkout_id=nobody") == {"calls": [], "next": None}


def test_pages_follow_each_other(shop: ShopElsewhere, client: FlaskClient, checkout: str) -> None:
    shop.clock.advance(1)
    shop.sales.faults.append("lost-after")
    second = shop.start({"p-1": 1})
    shop.run()

    first_page = got(client, "/api/calls?count=1")
    rest = got(client, f"/api/calls?count=1&after={first_page['next']}")

    assert [call["checkout_id"] for call in first_page["calls"] + rest["calls"]] == [checkout, second]
    assert rest["next"] is None


def test_one_is_shown_with_what_either_decision_brings(client: FlaskClient, checkout: str) -> None:
    call = got(client, f"/api/calls/{checkout}:enter-1")

    assert [note["type"] for note in call["notes"]] == ["CallIntended", "CallInDoubt"]
    assert call["if_happened"].startswith("the sale counts for its line")
    assert call["if_not"].startswith("the sale is entered")
    assert call["checkout"]["step"] == "stock_reserved"


def test_a_decision_lets_the_checkout_go_on(shop: ShopElsewhere, client: FlaskClient, checkout: str) -> None:
    said = {"happened": True, "vente_id": "vente-1", "reason": "it is in their list"}
    path = f"/api/calls/{checkout}:enter-1/settle"

    first = client.post(path, json=said, headers={"X-Actor": "ada"})
    again = client.post(path, json=said)
    shop.run()

    told: Any = first.json
    assert (first.status_code, told["changed"], told["standing"]) == (202, True, "done")
    assert told["notes"][-1]["actor"] == "ada"
    assert again.status_code == 200
    assert '"changed":false' in again.text
    assert got(client, f"/api/checkouts/{checkout}")["status"] == "succeeded"
    assert len(shop.sales.sales) == 1
    assert got(client, "/api/calls")["calls"] == []


def test_what_cannot_be_decided_is_a_problem(client: FlaskClient, checkout: str) -> None:
    no = {"happened": False, "reason": "not there"}
    assert_problem(
        client.post(f"/api/calls/{checkout}:take-1/settle", json=no),
        409,
        type="/problems/not-in-doubt",
        standing="done",
    )
    assert_problem(client.post(f"/api/calls/{checkout}:take-9/settle", json=no), 404, field="call_id")
    assert_problem(client.get(f"/api/calls/{checkout}:take-9"), 404, field="call_id")
    assert_problem(client.get("/api/calls/nonsense"), 422, field="call_id")
    assert_problem(client.get("/api/calls?state=all"), 422, field="state")
    yes = {"happened": True, "reason": "it is there"}
    assert_problem(client.post(f"/api/calls/{checkout}:enter-1/settle", json=yes), 422, field="vente_id")
    blank = no | {"reason": " "}
    assert_problem(client.post(f"/api/calls/{checkout}:enter-1/settle", json=blank), 422, field="reason")
