"""A checkout that somebody no longer wants: whatever was taken is given back."""

import attrs
import pytest

from domain.checkout import saga
from domain.errors import CheckoutEnded
from tests.foreign import start_foreign
from tests.interruptions import later, quick_shop
from tests.invariants import invariants
from tests.shop import Shop
from tests.unit.application.acts import CANCEL, interrupted, interrupted_desk
from tests.unit.application.closed_warehouse import intervene


@pytest.fixture
def shop() -> Shop:
    shop = quick_shop()
    shop.receive({"p-1": 5})
    return shop


def test_before_any_stock_was_taken_nothing_is_given_back(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})

    view = intervene(shop, checkout, CANCEL).view
    shop.run(saga.STOCK_COMPENSATION)
    later(shop)

    assert (view.step, view.reason) == ("compensating", "cancelled: too slow")
    assert shop.facts(checkout) == ["CheckoutInitiated", "CheckoutCancelled", "CheckoutFailed"]
    assert shop.replay(checkout).view.reason == "cancelled: too slow"
    assert shop.stock("p-1") == (5, 0)
    invariants(shop)


def test_with_stock_held_all_of_it_is_given_back(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    shop.run(saga.STOCK_RESERVATION)

    intervene(shop, checkout, CANCEL)
    shop.run()

    assert shop.facts(checkout)[2:] == ["CheckoutCancelled", "StockReleased", "CheckoutFailed"]
    assert (shop.stock("p-1"), shop.orders().total_orders) == ((5, 0), 0)
    invariants(shop)


def test_before_the_order_is_written_there_is_none(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    shop.run(saga.STOCK_RESERVATION)

    interrupted(shop, saga.ORDER_CREATION, lambda: intervene(shop, checkout, CANCEL))
    later(shop)

    assert shop.facts(checkout)[1:] == [
        "StockReserved",
        "CheckoutCancelled",
        "StockReleased",
        "CheckoutFailed",
    ]
    assert (shop.stock("p-1"), shop.orders().total_orders) == ((5, 0), 0)
    invariants(shop)


def test_after_the_order_was_written_it_is_too_late(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    shop.run(saga.STOCK_RESERVATION)
    desk = interrupted_desk(shop, lambda: shop.run(saga.ORDER_CREATION))

    with pytest.raises(CheckoutEnded):
        desk.intervene(checkout, CANCEL)

    later(shop)
    assert shop.facts(checkout)[1:] == ["StockReserved", "OrderCreated", "CheckoutSucceeded"]
    assert shop.stock("p-1") == (2, 3)
    invariants(shop)


def test_while_the_stock_is_being_taken_it_is_put_back(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})

    interrupted(shop, saga.STOCK_RESERVATION, lambda: intervene(shop, checkout, CANCEL))

    assert shop.stock("p-1") == (5, 0)
    later(shop)
    assert "StockReserved" not in shop.facts(checkout)
    invariants(shop)


def test_when_the_stock_was_stated_first_it_is_decided_again(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    desk = interrupted_desk(shop, lambda: shop.run(saga.STOCK_RESERVATION))

    view = desk.intervene(checkout, CANCEL).view

    assert view.stock_reserved
    assert shop.facts(checkout) == ["CheckoutInitiated", "StockReserved", "CheckoutCancelled"]
    later(shop)
    assert shop.stock("p-1") == (5, 0)
    invariants(shop)


def test_twice_it_is_cancelled_once(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    first = intervene(shop, checkout, CANCEL)

    second = intervene(shop, checkout, attrs.evolve(CANCEL, reason="again"))

    assert (first.changed, second.changed, second.view) == (True, False, first.view)
    shop.run()
    assert shop.facts(checkout).count("CheckoutCancelled") == 1
    invariants(shop)


def test_a_checkout_of_another_program_is_cancelled_like_any_other(shop: Shop) -> None:
    start_foreign(shop, "web-1", **{"p-1": 3})
    shop.run(saga.STOCK_RESERVATION)

    intervene(shop, "web-1", CANCEL)
    later(shop)

    assert shop.replay("web-1").view.status == "failed"
    assert shop.stock("p-1") == (5, 0)
    invariants(shop)
