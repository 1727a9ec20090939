"""POST /api/checkouts."""

from decimal import Decimal

import pytest

from application.events.streams import CHECKOUTS
from domain.checkout.events import CheckoutInitiated
from tests.each_row import each_row
from tests.unit.http.rig import START, Rig, assert_problem, body, cart_of, priced


def started(rig: Rig, checkout_id: str) -> CheckoutInitiated:
    (recorded,) = rig.history(checkout_id)
    assert isinstance(recorded.event, CheckoutInitiated)
    return recorded.event


def test_a_checkout_is_accepted_with_its_place_and_links(rig: Rig) -> None:
    response = rig.post(START, body())

    assert response.status_code == 202
    answered = response.json
    assert answered is not None
    checkout_id = answered["checkout_id"]
    assert answered == {
        "checkout_id": checkout_id,
        "status": "initiated",
        "position": "1700000000000-0",
        "links": {
            "self": f"/api/checkouts/{checkout_id}",
            "replay": f"/api/event-store/replay/checkout/{checkout_id}",
            "orders": "/api/event-store/cqrs/orders-by-client/c1",
        },
    }
    assert response.headers["Location"] == answered["links"]["self"]
    assert [rig.client.get(link).status_code for link in answered["links"].values()] == [200, 200, 200]


def test_the_cart_and_the_address_are_in_the_event(rig: Rig) -> None:
    line = {"produit_id": "p1", "quantite": 2, "prix_unitaire": 10.25, "nom_produit": "Café"}
    address = {"rue": "1 rue de la Paix", "ville": "Paris"}

    response = rig.post(START, body(panier={"produits": [line]}, adresse_livraison=address))

    event = started(rig, response.get_json()["checkout_id"])
    assert (event.client_id, event.delivery_address) == ("c1", tuple(address.items()))
    (kept,) = event.cart.lines
    assert (kept.produit_id, kept.units, kept.unit_price, kept.name) == ("p1", 2, Decimal("10.25"), "Café")


@pytest.mark.parametrize("price", ["9999999999.9999", "0.0001", "10", "1e2", '"10.10"', "1.50000", "0"])
def test_a_price_is_kept_as_it_was_written(rig: Rig, price: str) -> None:
    response = rig.post(START, priced(price))

    (line,) = started(rig, response.get_json()["checkout_id"]).cart.lines
    assert line.unit_price == Decimal(price.strip('"'))


def test_figures_of_the_caller_that_agree_with_the_lines_are_accepted(rig: Rig) -> None:
    lines = [
        {"produit_id": "p1", "quantite": 3, "prix_unitaire": 0.1},
        {"produit_id": "p2", "quantite": 1, "prix_unitaire": 2},
    ]
    panier = {"produits": lines, "nombre_articles": 4, "total": 2.3, "client_id": "c1"}

    assert rig.post(START, body(panier=panier)).status_code == 202


def test_a_total_cannot_be_checked_where_a_price_is_not_known(rig: Rig) -> None:
    panier = {"produits": [{"produit_id": "p1", "quantite": 3}], "total": 99}

    assert rig.post(START, body(panier=panier)).status_code == 202


def test_the_same_key_and_body_give_the_same_checkout(rig: Rig) -> None:
    first = rig.post(START, body(), Idempotency_Key="k1")
    rig.clock.advance(60.0)
    second = rig.post(START, body(), Idempotency_Key="k1")

    assert second.status_code == 202
    assert second.json == first.json
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.headers["Location"] == first.headers["Location"]
    assert len(rig.get(f"/api/event-store/streams/{CHECKOUTS}/events")["events"]) == 1


def test_a_body_is_the_same_whatever_the_order_of_its_fields_and_the_form_of_its_numbers(rig: Rig) -> None:
    one = '{"client_id":"c1","panier":{"produits":[{"produit_id":"p1","quantite":1,"prix_unitaire":10.50}]}}'
    two = '{"panier":{"produits":[{"prix_unitaire":10.5,"quantite":1,"produit_id":"p1"}]},"client_id":"c1"}'

    assert rig.post(START, one, Idempotency_Key="k").json == rig.post(START, two, Idempotency_Key="k").json


def test_the_same_key_with_another_body_is_refused(rig: Rig) -> None:
    rig.post(START, body(), Idempotency_Key="k1")

    response = rig.post(START, cart_of(quantite=3), Idempotency_Key="k1")

    assert_problem(response, 422, type="/problems/idempotency-key-reused", field="Idempotency-Key")


def test_without_a_key_every_request_is_a_checkout_of_its_own(rig: Rig) -> None:
    assert (
        rig.post(START, body()).get_json()["checkout_id"] != rig.post(START, body()).get_json()["checkout_id"]
    )


@pytest.mark.parametrize(("plain", "quoted"), [("k1", '"k1"'), (r"a\b c", r'"a\\b c"'), ('x"y', r'"x\"y"')])
def test_a_quoted_key_is_the_key_inside(rig: Rig, plain: str, quoted: str) -> None:
    first = rig.post(START, body(), Idempotency_Key=plain)

    assert rig.post(START, body(), Idempotency_Key=quoted).json == first.json


@each_row("key", ["", "k" * 201, '"open', '"', '""', "é", '"a"b"', "tab\there", r'"\n"'])
def test_a_key_outside_its_limits_is_refused(rig: Rig, key: str) -> None:
    assert_problem(rig.post(START, body(), Idempotency_Key=key), 422, field="Idempotency-Key")


def test_a_key_may_have_200_characters(rig: Rig) -> None:
    assert rig.post(START, body(), Idempotency_Key="k" * 200).status_code == 202
