"""The failures that were seen in another implementation of the same decision, each as what must happen:
stock and outcomes.

Those about HTTP, metrics and real servers are shown elsewhere.
"""

from decimal import Decimal

import attrs
import pytest
from dependency_injector import providers

from application.events.streams import CHECKOUTS, INVENTORY
from domain.cart import Cart
from domain.checkout import saga
from domain.errors import InvalidValue
from entrypoints.settings import Settings
from tests.foreign import add_foreign, start_foreign
from tests.interruptions import (
    InterruptedStore,
    later,
    quick_shop,
    worker_on,
)
from tests.invariants import entries, invariants
from tests.shop import CLIENT, Shop


@pytest.fixture
def shop() -> Shop:
    shop = quick_shop()
    shop.receive({"p-1": 200, "p-2": 5})
    return shop


def statuses(shop: Shop, checkouts: list[str]) -> set[str]:
    return {shop.replay(checkout).view.status for checkout in checkouts}


def test_a_cart_that_fails_on_its_second_line_holds_no_stock_of_its_first(shop: Shop) -> None:
    shop.start({"p-1": 1, "p-2": 6})
    shop.run()
    assert shop.stock("p-1") == (200, 0)
    invariants(shop)


def test_a_compensation_gives_back_every_line_before_it_says_so() -> None:
    shop = quick_shop(Shop(settings=Settings(order_total_max=Decimal(5))))
    shop.receive({"p-1": 3, "p-2": 3})
    checkout = shop.start({"p-1": 2, "p-2": 1})
    shop.run()

    assert shop.facts(checkout)[-2:] == ["StockReleased", "CheckoutFailed"]
    assert (shop.stock("p-1"), shop.stock("p-2")) == ((3, 0), (3, 0))
    released = next(entry for entry in entries(shop, CHECKOUTS) if entry.type == "StockReleased")
    said_at = released.recorded_at_s
    given_back_at = [e.recorded_at_s for e in entries(shop, INVENTORY) if e.type == "UnitsReleased"]
    assert len(given_back_at) == 2
    assert max(given_back_at) <= said_at


def test_stock_is_not_said_to_be_released_where_none_was_held(shop: Shop) -> None:
    checkout = shop.start({"p-2": 6})
    shop.run()
    assert "StockReleased" not in shop.facts(checkout)


def test_every_line_of_the_cart_is_in_the_order(shop: Shop) -> None:
    shop.start({"p-1": 2, "p-2": 1})
    shop.run()
    order = shop.container.orders().order(shop.orders().last_order_id or "")
    assert order is not None
    assert order.cart.units_by_product() == {"p-1": 2, "p-2": 1}
    assert shop.orders().rows[0].total == Decimal(30)


def test_a_start_written_twice_makes_one_order(shop: Shop) -> None:
    for _ in range(2):
        start_foreign(shop, "c-1", p_1=3)
    later(shop)
    assert shop.orders().total_orders == 1
    assert shop.stock("p-1") == (197, 3)
    invariants(shop)


@pytest.mark.parametrize("worker", list(saga.STEPS))
def test_an_entry_delivered_twice_makes_one_order_one_notice_and_one_line_of_audit(
    shop: Shop, worker: str
) -> None:
    checkout = shop.start({"p-1": 3})
    shop.run()
    shop.log.stream(CHECKOUTS).checkpoints.clear()
    shop.bus.forget_group(CHECKOUTS, saga.STEPS[worker].group)
    later(shop)

    assert len(shop.facts(checkout)) == 4
    assert shop.orders().total_orders == 1, "redelivery does not double the figures"
    assert len(shop.notifier.sent) == 1
    assert len(shop.audit_log.entries) == 4
    invariants(shop)


def test_an_empty_cart_starts_nothing(shop: Shop) -> None:
    with pytest.raises(InvalidValue, match="at least 1 line"):
        Cart.of([])
    start_foreign(shop, "c-1")
    later(shop)
    assert shop.facts("c-1") == []
    assert {why.reason for _, why in shop.telemetry.dead_letters} == {
        "payload.panier.produits must have 1 to 100 items"
    }


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"quantite": 1}, "payload.panier.produits[0].produit_id is required"),
        ({"produit_id": "p-1"}, "payload.panier.produits[0].quantite is required"),
        (
            {"produit_id": "p-1", "quantite": 0},
            "payload.panier.produits[0].quantite must be a whole number from 1 to 100000",
        ),
    ],
)
def test_a_line_that_makes_no_sense_is_set_aside_with_its_reason_and_hangs_nothing(
    shop: Shop, line: dict[str, object], reason: str
) -> None:
    add_foreign(shop, "CheckoutInitiated", "c-1", client_id=CLIENT, panier={"produits": [line]})
    good = shop.start({"p-1": 1})
    shop.run()

    dead = shop.log.stream(CHECKOUTS).dead_letters
    assert {letter.why.reason for letter in dead} == {reason}
    assert {letter.group for letter in dead} == {"checkout-reservation", "checkout-deadline"}
    assert shop.stock("p-1") == (199, 1)
    assert shop.replay(good).view.status == "succeeded"


def test_consumers_of_one_group_lose_no_stock_update(shop: Shop) -> None:
    checkouts = [shop.start({"p-1": 1}) for _ in range(40)]
    policy = attrs.evolve(shop.container.policy(), batch_max=5)

    def others_go_first() -> None:
        for consumer in ("c-1", "c-2", "c-3"):
            worker_on(shop, saga.STOCK_RESERVATION, consumer=consumer).turn()

    with shop.container.policy.override(providers.Object(policy)):
        for _ in range(3):
            store = InterruptedStore(
                shop.store, lambda moment: moment.is_("before", "append", INVENTORY), others_go_first
            )
            worker_on(shop, saga.STOCK_RESERVATION, consumer="c-0", store=store).turn()
    later(shop)

    assert shop.stock("p-1") == (160, 40)
    assert statuses(shop, checkouts) == {"succeeded"}
    invariants(shop)
