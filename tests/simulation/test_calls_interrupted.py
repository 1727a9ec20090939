"""Calls to existing services, and a worker that dies at each moment in turn."""

from collections.abc import Callable

import pytest

from domain.checkout import saga
from tests.ended_elsewhere import all_is_well, run_to_the_end
from tests.interruptions import Crash, InterruptedStore, worker_on
from tests.shop_elsewhere import ShopElsewhere

MOMENTS_MIN, MOMENTS_MAX = 12, 200
CART = {"p-1": 2, "p-2": 1}
REFUSED = {"p-1": 2, "p-2": 9}


def run_all(shop: ShopElsewhere, dying: str, at: Callable[[int], bool]) -> bool:
    """Run the workers, of which `dying` dies at that moment of its store; whether it came to that."""
    store = InterruptedStore(shop.store, lambda moment: at(moment.number))
    shop.workers[dying] = worker_on(shop, dying, consumer="c-1", store=store)
    try:
        shop.run()
    except Crash:
        shop.workers[dying] = worker_on(shop, dying, consumer="c-1")
    return store.happened


@pytest.mark.parametrize(
    ("dying", "cart", "repeatable"),
    [
        (saga.STOCK_RESERVATION, CART, False),
        (saga.STOCK_RESERVATION, CART, True),
        (saga.ORDER_CREATION, CART, False),
        (saga.ORDER_CREATION, CART, True),
        (saga.STOCK_COMPENSATION, REFUSED, False),
        (saga.STOCK_COMPENSATION, REFUSED, True),
    ],
)
def test_a_worker_may_die_before_and_after_every_call_of_its_store(
    dying: str, cart: dict[str, int], repeatable: bool
) -> None:
    for number in range(1, MOMENTS_MAX):
        shop = ShopElsewhere(services_repeatable=repeatable)
        checkout = shop.start(cart)
        if not run_all(shop, dying, lambda n, number=number: n == number):  # type: ignore[misc]  # bound now
            assert number > MOMENTS_MIN
            return
        run_to_the_end(shop, checkout)
        all_is_well(shop, checkout)
    raise AssertionError("there are more moments than that")
