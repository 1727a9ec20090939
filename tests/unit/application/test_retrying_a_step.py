"""A step that is tried again because a person asks for it."""

import pytest

from application.ports.dead_letters import Wanted
from domain.checkout import saga
from tests.interruptions import later, quick_shop
from tests.invariants import invariants
from tests.shop import Shop
from tests.unit.application.acts import CANCEL, RETRY, interrupted
from tests.unit.application.closed_warehouse import ACTOR, WHY, ClosedShop, intervene


@pytest.fixture
def shop() -> Shop:
    shop = quick_shop()
    shop.receive({"p-1": 5})
    return shop


def test_what_was_set_aside_is_tried_again() -> None:
    closed = ClosedShop(saga.STOCK_RESERVATION)
    shop, checkout = closed.shop, closed.shop.start({"p-1": 3})
    closed.run_into_dead_letters()
    (kept,), _ = shop.container.dead_letter_desk().page(Wanted(), count=10)
    assert (kept.checkout_id, kept.reason, shop.facts(checkout)) == (
        checkout,
        WHY,
        ["CheckoutInitiated"],
    )
    closed.warehouse.closed = False

    view = intervene(shop, checkout, RETRY).view
    shop.run()

    assert view.step == "initiated"
    assert shop.facts(checkout)[1:] == [
        "StepRetried",
        "StockReserved",
        "OrderCreated",
        "CheckoutSucceeded",
    ]
    invariants(shop)


def test_and_its_dead_letter_redriven_later_changes_nothing() -> None:
    closed = ClosedShop(saga.STOCK_RESERVATION)
    shop, checkout = closed.shop, closed.shop.start({"p-1": 3})
    closed.run_into_dead_letters()
    closed.warehouse.closed = False
    intervene(shop, checkout, RETRY)
    shop.run()
    before = shop.facts(checkout)

    desk = shop.container.dead_letter_desk()
    assert set(desk.redrive_all(Wanted(), actor=ACTOR).values()) == {"redriven"}
    later(shop)

    assert (shop.facts(checkout), shop.stock("p-1")) == (before, (2, 3))
    invariants(shop)


def test_a_step_that_only_waits_does_its_work_once(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    shop.run(saga.STOCK_RESERVATION)

    for _ in range(2):
        intervene(shop, checkout, RETRY)
    later(shop)

    assert shop.facts(checkout).count("OrderCreated") == shop.facts(checkout).count("StockReserved") == 1
    assert shop.stock("p-1") == (2, 3)
    invariants(shop)


def test_a_checkout_that_failed_meanwhile_is_not_taken_stock_for(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    intervene(shop, checkout, RETRY)
    interrupted(shop, saga.STOCK_RESERVATION, lambda: intervene(shop, checkout, CANCEL))
    later(shop)

    assert shop.stock("p-1") == (5, 0)
    invariants(shop)
