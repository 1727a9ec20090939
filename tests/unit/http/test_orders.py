"""GET /api/orders/<commande_id> and the orders of a client."""

from decimal import Decimal

import pytest

from domain.cart import Cart, Line
from domain.checkout.events import CheckoutFailed, CheckoutInitiated
from tests.unit.http.rig import Rig, assert_problem, order_of

CLIENT = "/api/event-store/cqrs/orders-by-client/c1"
CART = Cart.of(
    [
        Line(produit_id="p1", units=3, unit_price=Decimal("10.10"), name="Café"),
        Line(produit_id="p2", units=1, unit_price=Decimal("0.0001")),
    ]
)


def ordered(rig: Rig, checkout_id: str, commande_id: str) -> None:
    rig.given(checkout_id, *order_of(checkout_id, commande_id, CART))


def failed(rig: Rig, checkout_id: str) -> None:
    rig.given(
        checkout_id,
        CheckoutInitiated(checkout_id=checkout_id, client_id="c1", cart=CART),
        CheckoutFailed(checkout_id=checkout_id, client_id="c1", reason="no stock"),
    )


def test_an_order_has_all_lines_of_its_cart(rig: Rig) -> None:
    ordered(rig, "k1", "o1")

    assert rig.get("/api/orders/o1") == {
        "commande_id": "o1",
        "checkout_id": "k1",
        "client_id": "c1",
        "produits": [
            {"produit_id": "p1", "quantite": 3, "prix_unitaire": 10.1, "nom_produit": "Café"},
            {"produit_id": "p2", "quantite": 1, "prix_unitaire": 0.0001},
        ],
        "total": 30.3001,
        "created_at": 1_700_000_002.0,
    }


def test_an_unknown_order_is_not_found(rig: Rig) -> None:
    assert_problem(rig.client.get("/api/orders/nothing"), 404, field="commande_id")


def test_a_client_never_seen_has_zero_orders(rig: Rig) -> None:
    assert rig.get(CLIENT) == {
        "client_id": "c1",
        "total_orders": 0,
        "total_failed": 0,
        "last_order_id": None,
        "last_checkout_id": None,
        "last_update_ts": None,
        "orders": [],
        "next": None,
    }


def test_a_clients_orders_are_listed_newest_first_with_the_failed_ones(rig: Rig) -> None:
    ordered(rig, "k1", "o1")
    failed(rig, "k2")

    assert rig.get(CLIENT) == {
        "client_id": "c1",
        "total_orders": 1,
        "total_failed": 1,
        "last_order_id": "o1",
        "last_checkout_id": "k1",
        "last_update_ts": 1_700_000_005.0,
        "orders": [
            {
                "commande_id": None,
                "checkout_id": "k2",
                "status": "failed",
                "total": 30.3001,
                "reason": "no stock",
                "updated_at": 1_700_000_005.0,
            },
            {
                "commande_id": "o1",
                "checkout_id": "k1",
                "status": "succeeded",
                "total": 30.3001,
                "reason": None,
                "updated_at": 1_700_000_003.0,
            },
        ],
        "next": None,
    }


def test_the_cursor_leads_to_the_older_orders(rig: Rig) -> None:
    for number in range(3):
        ordered(rig, f"k{number}", f"o{number}")

    first = rig.client.get(f"{CLIENT}?count=2")
    page = first.get_json()
    rest = rig.get(first.headers["Link"].split(">")[0][1:])

    assert [row["commande_id"] for row in page["orders"] + rest["orders"]] == ["o2", "o1", "o0"]
    assert rest["next"] is None


@pytest.mark.parametrize("after", ["", "x", "1-2-3", "%E2%98%83", "1" * 65])
def test_a_cursor_that_is_none_is_refused(rig: Rig, after: str) -> None:
    assert_problem(rig.client.get(f"{CLIENT}?after={after}"), 422, field="after")
