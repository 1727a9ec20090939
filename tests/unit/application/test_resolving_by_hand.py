"""A checkout that a person declares failed."""

import pytest

from domain.checkout import saga
from tests.interruptions import later, quick_shop
from tests.invariants import invariants
from tests.shop import Shop
from tests.unit.application.acts import RESOLVE, interrupted
from tests.unit.application.closed_warehouse import intervene, stuck_checkout


@pytest.fixture
def shop() -> Shop:
    shop = quick_shop()
    shop.receive({"p-1": 5})
    return shop


def test_it_ends_and_what_we_hold_is_given_back() -> None:
    closed, checkout = stuck_checkout()
    closed.warehouse.closed = False

    view = intervene(closed.shop, checkout, RESOLVE).view
    closed.shop.run()

    assert (view.step, view.reason) == ("failed", "cancelled: too slow")
    assert closed.shop.facts(checkout)[-2:] == ["CheckoutResolved", "CheckoutFailed"]
    assert closed.shop.stock("p-1") == (5, 0)
    invariants(closed.shop)


@pytest.mark.parametrize("steps", [[], [saga.STOCK_RESERVATION]], ids=["before stock", "stock held"])
def test_also_before_anything_failed(shop: Shop, steps: list[str]) -> None:
    checkout = shop.start({"p-1": 3})
    if steps:
        shop.run(*steps)

    intervene(shop, checkout, RESOLVE)
    later(shop)

    assert shop.replay(checkout).view.reason == "resolved by hand: done by hand"
    assert shop.facts(checkout)[-2:] == ["CheckoutResolved", "CheckoutFailed"]
    assert shop.stock("p-1") == (5, 0)
    invariants(shop)


def test_while_the_stock_is_being_taken_it_is_put_back(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})

    interrupted(shop, saga.STOCK_RESERVATION, lambda: intervene(shop, checkout, RESOLVE))
    later(shop)

    assert shop.stock("p-1") == (5, 0)
    invariants(shop)
