"""Everything is given back because a person asks for it."""

import pytest

from domain.checkout import saga
from tests.interruptions import later, quick_shop
from tests.invariants import invariants
from tests.shop import Shop
from tests.unit.application.acts import FORCE, interrupted
from tests.unit.application.closed_warehouse import intervene


@pytest.fixture
def shop() -> Shop:
    shop = quick_shop()
    shop.receive({"p-1": 5})
    return shop


@pytest.mark.parametrize("steps", [[], [saga.STOCK_RESERVATION]], ids=["before stock", "stock held"])
def test_everything_is_given_back_and_the_operator_is_the_source(shop: Shop, steps: list[str]) -> None:
    checkout = shop.start({"p-1": 3})
    if steps:
        shop.run(*steps)

    intervene(shop, checkout, FORCE)
    shop.run(saga.STOCK_COMPENSATION)
    later(shop)

    assert shop.facts(checkout)[-1] == "CheckoutFailed"
    assert ("StockReleased" in shop.facts(checkout)) == bool(steps)
    assert shop.replay(checkout).view.reason == "enough"
    assert shop.stock("p-1") == (5, 0)
    invariants(shop)


def test_before_the_order_is_written_there_is_none(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    shop.run(saga.STOCK_RESERVATION)

    interrupted(shop, saga.ORDER_CREATION, lambda: intervene(shop, checkout, FORCE))
    later(shop)

    assert (shop.stock("p-1"), shop.orders().total_orders) == ((5, 0), 0)
    invariants(shop)
