"""A second start of a checkout that has begun: another program's, or a repeated one."""

import pytest

from application.events.streams import CHECKOUTS
from domain.checkout import saga
from tests.foreign import start_foreign
from tests.interruptions import InterruptedStore, later, quick_shop, worker_on
from tests.invariants import invariants
from tests.shop import Shop

ANSWERS = ["StockReserved", "OrderCreated", "CheckoutSucceeded"]


@pytest.fixture
def shop() -> Shop:
    shop = quick_shop()
    shop.receive({"p-1": 10})
    return shop


@pytest.mark.parametrize("units", [3, 5], ids=["the same cart", "another cart"])
@pytest.mark.parametrize("worker", list(saga.STEPS))
def test_a_second_start_makes_no_second_order_whoever_saw_the_first(
    shop: Shop, worker: str, units: int
) -> None:
    start_foreign(shop, "c-1", p_1=3)
    shop.run(worker)
    start_foreign(shop, "c-1", p_1=units)
    later(shop)

    types = [type_ for type_ in shop.facts("c-1") if type_ != "CheckoutInitiated"]
    assert types == ANSWERS
    assert shop.stock("p-1") == (7, 3)
    assert shop.orders().total_orders == 1
    invariants(shop)


def test_a_second_start_handled_by_another_consumer_at_the_same_time_holds_once(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})

    def again() -> None:
        start_foreign(shop, checkout, p_1=3)
        worker_on(shop, saga.STOCK_RESERVATION, consumer="c-9").turn()

    for moment in [("before", "append"), ("after", "append")]:
        store = InterruptedStore(shop.store, lambda m, w=moment: m.is_(*w, CHECKOUTS), again)  # type: ignore[misc]
        worker_on(shop, saga.STOCK_RESERVATION, consumer="c-0", store=store).turn()
    later(shop)

    assert shop.stock("p-1") == (7, 3)
    invariants(shop)


def test_of_two_starts_in_one_batch_the_first_is_answered_and_the_second_finds_it_done(shop: Shop) -> None:
    first = start_foreign(shop, "c-1", p_1=3)
    start_foreign(shop, "c-1", p_1=5)
    shop.run()

    answers = [r.recorded for r in shop.replay("c-1").events if r.recorded.type == "StockReserved"]
    assert [answer.causation_id for answer in answers] == [first]
    invariants(shop)
