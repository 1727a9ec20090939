"""What a shopper gets from the whole service, and what everybody is shown of it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # its asserts tell what they compared only if the plugin is the first to import it
    from tests.instance import RunningService

pytest_plugins = ["tests.running_service"]
pytestmark = pytest.mark.slow


def types(events: list[dict[str, object]]) -> list[object]:
    return [event["type"] for event in events]


def test_a_checkout_with_enough_stock_becomes_an_order(service: "RunningService") -> None:
    front = service.front
    front.receive("pencil", 10)

    checkout_id = front.checkout("ada", {"pencil": 3}, price=2.5)

    replay = front.ended(checkout_id)
    facts = ["CheckoutInitiated", "StockReserved", "OrderCreated", "CheckoutSucceeded"]
    assert (replay["status"], replay["version"], types(replay["events"])) == ("succeeded", 4, facts)
    assert types(front.listed(checkout_id)) == facts
    assert front.stock("pencil") == (7, 3)
    orders = front.orders("ada", 1)
    assert (orders["last_order_id"], orders["last_checkout_id"]) == (replay["commande_id"], checkout_id)
    order = front.get(f"/api/orders/{replay['commande_id']}")
    assert (order["total"], order["produits"][0]["quantite"]) == (7.5, 3)


def test_a_checkout_without_enough_stock_fails_and_says_what_was_missing(service: "RunningService") -> None:
    front = service.front
    front.receive("eraser", 10)
    front.receive("stapler", 2)

    checkout_id = front.checkout("bob", {"eraser": 1, "stapler": 5, "globe": 1})

    replay = front.ended(checkout_id)
    facts = ["CheckoutInitiated", "StockReservationFailed", "CheckoutFailed"]
    assert (replay["status"], types(replay["events"])) == ("failed", facts)
    assert (replay["stock_reserved"], replay["stock_released"]) == (False, False)
    for said in ("stapler", "5", "2", "globe"):
        assert said in replay["reason"]
    assert "eraser" not in replay["reason"]
    assert types(front.listed(checkout_id)) == facts
    assert (front.stock("eraser"), front.stock("stapler")) == ((10, 0), (2, 0))
    orders = front.orders("bob", 1)
    assert (orders["total_orders"], orders["orders"][0]["reason"]) == (0, replay["reason"])


def test_a_checkout_whose_order_is_refused_fails_and_gives_its_stock_back(service: "RunningService") -> None:
    front = service.front
    front.receive("diamond", 10)

    checkout_id = front.checkout("eve", {"diamond": 2}, price=900.0)

    replay = front.ended(checkout_id)
    facts = ["CheckoutInitiated", "StockReserved", "OrderCreationFailed", "StockReleased", "CheckoutFailed"]
    assert (replay["status"], types(replay["events"])) == ("failed", facts)
    assert (replay["stock_reserved"], replay["stock_released"]) == (True, True)
    assert "1800" in replay["reason"]
    assert "1000" in replay["reason"]
    assert types(front.listed(checkout_id)) == facts
    assert front.stock("diamond") == (10, 0)
    assert front.orders("eve", 1)["total_orders"] == 0


def test_a_checkout_can_be_asked_as_of_each_of_its_steps(service: "RunningService") -> None:
    front = service.front
    front.receive("ruler", 10)
    replay = front.ended(front.checkout("fay", {"ruler": 1}))

    for event in replay["events"]:
        path = f"/api/event-store/replay/checkout/{replay['checkout_id']}"
        then = front.get(path, as_of=event["position"])
        assert (then["status"], then["step"]) == (event["after"]["status"], event["after"]["step"])
        assert then["version"] == event["version"]


def test_the_existing_shop_starts_a_checkout_in_its_own_form(service: "RunningService") -> None:
    front = service.front
    front.receive("notebook", 10)
    lines = [{"produit_id": "notebook", "quantite": 4, "prix_unitaire": 1.5}]

    answer = front.http.post(
        "/api/commandes/clients/gil/checkout/choreo/", json={"panier": {"lignes": lines}}
    )

    assert answer.status_code == 202
    assert answer.json()["accepted"] is True
    front.ended(answer.json()["checkout_id"])
    assert front.get(answer.json()["follow"])["status"] == "succeeded"
    assert front.stock("notebook") == (6, 4)


@pytest.mark.parametrize("shoppers", [8])
def test_one_key_is_one_checkout_however_many_ask_at_once(service: "RunningService", shoppers: int) -> None:
    front = service.front
    front.receive("lamp", 10)
    together = Barrier(shoppers)

    def ask(_: int) -> tuple[int, str]:
        together.wait()
        answer = front.post("hal", {"lamp": 1}, Idempotency_Key="lamp of hal")
        return answer.status_code, answer.json()["checkout_id"]

    with ThreadPoolExecutor(shoppers) as threads:
        answers = set(threads.map(ask, range(shoppers)))

    ((status, checkout_id),) = answers
    assert (status, front.ended(checkout_id)["version"]) == (202, 4)
    assert front.orders("hal", 1)["total_orders"] == 1
    assert front.stock("lamp") == (9, 1)
    other = front.post("hal", {"lamp": 2}, Idempotency_Key="lamp of hal")
    assert (other.status_code, other.headers["Content-Type"]) == (422, "application/problem+json")


def test_one_key_is_one_receipt(service: "RunningService") -> None:
    for _ in range(3):
        answer = service.front.http.post(
            "/api/inventory/chalk/receipts", json={"quantite": 5}, headers={"Idempotency-Key": "lorry 1"}
        )
        assert answer.status_code == 201

    assert service.front.stock("chalk") == (5, 0)
