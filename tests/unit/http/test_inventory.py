"""GET /api/inventory/<produit_id> and its receipts."""

from tests.unit.http.rig import Rig, assert_problem

STOCK = "/api/inventory/p1"
RECEIPTS = f"{STOCK}/receipts"


def test_a_product_of_which_nothing_was_ever_received_is_not_found(rig: Rig) -> None:
    assert_problem(rig.client.get(STOCK), 404, field="produit_id")


def test_units_received_are_free(rig: Rig) -> None:
    response = rig.post(RECEIPTS, {"quantite": 1_000_000})

    assert response.status_code == 201
    assert response.headers["Location"] == STOCK
    assert response.json == {
        "produit_id": "p1",
        "quantite": 1_000_000,
        "position": "1700000000000-0",
        "links": {"self": STOCK},
    }
    assert rig.get(STOCK) == {
        "produit_id": "p1",
        "quantite_disponible": 1_000_000,
        "quantite_reservee": 0,
        "version": 1,
    }


def test_a_receipt_sent_twice_with_a_key_counts_once(rig: Rig) -> None:
    first = rig.post(RECEIPTS, {"quantite": 5}, Idempotency_Key="r1")
    second = rig.post(RECEIPTS, {"quantite": 5}, Idempotency_Key="r1")

    assert (second.status_code, second.json) == (201, first.json)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert rig.get(STOCK)["quantite_disponible"] == 5


def test_a_key_for_another_number_of_units_is_refused(rig: Rig) -> None:
    rig.post(RECEIPTS, {"quantite": 5}, Idempotency_Key="r1")

    response = rig.post(RECEIPTS, {"quantite": 6}, Idempotency_Key="r1")

    assert_problem(response, 422, type="/problems/idempotency-key-reused")
    assert rig.get(STOCK)["quantite_disponible"] == 5


def test_without_a_key_every_receipt_counts(rig: Rig) -> None:
    rig.post(RECEIPTS, {"quantite": 5})
    rig.post(RECEIPTS, {"quantite": 5})

    assert rig.get(STOCK)["quantite_disponible"] == 10
