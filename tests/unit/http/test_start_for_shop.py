"""POST /api/commandes/clients/<client_id>/checkout/choreo/, as the existing shop calls it."""

import pytest

from domain.checkout.events import CheckoutInitiated
from tests.each_row import each_row
from tests.unit.http.rig import CHOREO, Rig, assert_problem

SHOP_LINE = {
    "produit_id": "p1",
    "nom_produit": "Café",
    "quantite": 3,
    "prix_unitaire": 10.1,
    "prix_total": 30.299999999999997,
}
SHOP_PANIER = {"client_id": "c1", "nombre_articles": 3, "total": 30.299999999999997}


@pytest.mark.parametrize("lines", ["produits", "lignes"])
def test_the_shops_cart_is_accepted_under_both_names_and_with_its_own_figures(rig: Rig, lines: str) -> None:
    response = rig.post(CHOREO, {"panier": {**SHOP_PANIER, lines: [SHOP_LINE]}})

    assert response.status_code == 202
    checkout_id = response.get_json()["checkout_id"]
    follow = f"/api/checkouts/{checkout_id}"
    assert response.json == {"accepted": True, "checkout_id": checkout_id, "follow": follow}
    assert rig.get(follow)["client_id"] == "c1"
    event = rig.history(checkout_id)[0].event
    assert isinstance(event, CheckoutInitiated)
    assert [(line.produit_id, line.units) for line in event.cart.lines] == [("p1", 3)]


def test_a_key_makes_it_idempotent(rig: Rig) -> None:
    wanted = {"panier": {"lignes": [SHOP_LINE]}}
    first = rig.post(CHOREO, wanted, Idempotency_Key="k")
    second = rig.post(CHOREO, wanted, Idempotency_Key="k")

    assert second.json == first.json
    assert second.headers["Idempotency-Replayed"] == "true"


@each_row(
    ("wanted", "field"),
    [
        ({}, "panier"),
        ({"panier": {}}, "panier"),
        ({"panier": {"lignes": [SHOP_LINE], "produits": [SHOP_LINE]}}, "panier"),
        ({"panier": {"lignes": []}}, "panier.lignes"),
        ({"panier": {"lignes": [{"quantite": 1}]}}, "panier.lignes[0].produit_id"),
        ({"panier": {"produits": [{"produit_id": "p1"}]}}, "panier.produits[0].quantite"),
        ({"panier": {"lignes": [SHOP_LINE | {"quantite": 0}]}}, "panier.lignes[0].quantite"),
        ({"panier": {"lignes": [SHOP_LINE | {"quantité": 1}]}}, "panier.lignes[0].quantité"),
        ({"panier": {"lignes": [SHOP_LINE], "client_id": "c2"}}, "panier.client_id"),
        ({"panier": {"lignes": [SHOP_LINE]}, "client_id": "c2"}, "client_id"),
        ({"panier": {"lignes": [SHOP_LINE]}, "adresse": "x"}, "adresse"),
    ],
)
def test_its_products_are_checked_as_strictly_as_ours(rig: Rig, wanted: object, field: str) -> None:
    assert_problem(rig.post(CHOREO, wanted), 422, field=field)
    assert rig.store.page("ecommerce.checkout.events", count=1).entries == ()


def test_a_client_that_cannot_be_one_is_refused(rig: Rig) -> None:
    path = CHOREO.replace("c1", "c%201")

    assert_problem(rig.post(path, {"panier": {"lignes": [SHOP_LINE]}}), 422, field="client_id")
