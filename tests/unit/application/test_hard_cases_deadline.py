"""The deadline against the other steps: both orders of every race, and the loser undoes its work."""

from collections.abc import Callable

import pytest

from application.events.streams import CHECKOUTS, INVENTORY
from application.ports.delivery import Delivery
from domain.checkout import saga
from tests.foreign import start_foreign
from tests.interruptions import InterruptedStore, handler_on, later, quick_shop, receive_for, worker_on
from tests.invariants import invariants
from tests.shop import Shop

DEADLINE_S = 900


@pytest.fixture
def shop() -> Shop:
    shop = quick_shop()
    shop.receive({"p-1": 5})
    return shop


def interrupted(shop: Shop, name: str, stream: str, others: Callable[[], None]) -> None:
    """Worker `name` runs; `others` go first right before it appends to `stream`."""
    store = InterruptedStore(shop.store, lambda moment: moment.is_("before", "append", stream), others)
    worker_on(shop, name, consumer="c-0", store=store).turn()
    assert store.happened


def test_the_deadline_before_the_order_leaves_no_order(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    shop.run(saga.STOCK_RESERVATION, saga.DEADLINE)
    shop.clock.advance(DEADLINE_S)

    interrupted(shop, saga.ORDER_CREATION, CHECKOUTS, lambda: shop.run(saga.DEADLINE))
    later(shop)

    assert shop.facts(checkout)[1:] == [
        "StockReserved",
        "CheckoutDeadlineExpired",
        "StockReleased",
        "CheckoutFailed",
    ]
    assert shop.stock("p-1") == (5, 0)
    assert shop.orders().total_orders == 0
    invariants(shop)


def test_the_order_before_the_deadline_stands(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    shop.run(saga.STOCK_RESERVATION, saga.DEADLINE)
    shop.clock.advance(DEADLINE_S)

    interrupted(shop, saga.DEADLINE, CHECKOUTS, lambda: shop.run(saga.ORDER_CREATION))
    later(shop)

    assert shop.facts(checkout)[1:] == ["StockReserved", "OrderCreated", "CheckoutSucceeded"]
    assert shop.stock("p-1") == (2, 3)
    invariants(shop)


def test_the_deadline_before_the_reservation_is_stated_takes_its_stock_back(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    shop.run(saga.DEADLINE)
    shop.clock.advance(DEADLINE_S)

    interrupted(shop, saga.STOCK_RESERVATION, CHECKOUTS, lambda: shop.run(saga.DEADLINE))

    assert shop.stock("p-1") == (5, 0), "the loser undoes its work at once, before any compensation"
    later(shop)
    assert "StockReserved" not in shop.facts(checkout)
    invariants(shop)


def test_a_checkout_failed_before_its_stock_was_taken_holds_none(shop: Shop) -> None:
    """The compensation finds nothing to give back and ends it; then the reservation wakes up."""
    checkout = shop.start({"p-1": 3})
    shop.run(saga.DEADLINE)
    shop.clock.advance(DEADLINE_S)

    def fail() -> None:
        shop.run(saga.DEADLINE)
        shop.run(saga.STOCK_COMPENSATION)

    interrupted(shop, saga.STOCK_RESERVATION, INVENTORY, fail)

    assert shop.facts(checkout) == ["CheckoutInitiated", "CheckoutDeadlineExpired", "CheckoutFailed"]
    assert shop.stock("p-1") == (5, 0)
    later(shop)
    invariants(shop)


def test_a_deadline_noticed_by_two_processes_expires_once(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    shop.run(saga.DEADLINE)
    shop.clock.advance(DEADLINE_S)

    interrupted(shop, saga.DEADLINE, CHECKOUTS, lambda: shop.run(saga.DEADLINE))
    later(shop)

    assert shop.facts(checkout).count("CheckoutDeadlineExpired") == 1
    invariants(shop)


def test_a_checkout_has_exactly_its_time(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    shop.run(saga.DEADLINE)

    shop.clock.advance(DEADLINE_S - 1)
    shop.run(saga.DEADLINE)
    assert shop.facts(checkout) == ["CheckoutInitiated"]

    shop.clock.advance(1)
    shop.run(saga.DEADLINE)
    assert shop.facts(checkout) == ["CheckoutInitiated", "CheckoutDeadlineExpired"]


def test_a_start_written_by_a_clock_of_2023_does_not_expire_at_once(shop: Shop) -> None:
    start_foreign(shop, "c-1", p_1=2)
    shop.run(saga.DEADLINE)
    shop.clock.advance(DEADLINE_S - 1)
    shop.run(saga.DEADLINE)

    assert shop.facts("c-1") == ["CheckoutInitiated"]
    shop.clock.advance(1)
    shop.run(saga.DEADLINE)
    assert shop.facts("c-1") == ["CheckoutInitiated", "CheckoutDeadlineExpired"]


@pytest.mark.parametrize("noted", [False, True], ids=["seen only when ended", "noted when started"])
def test_an_ended_checkout_keeps_no_place_in_the_timetable(shop: Shop, noted: bool) -> None:
    shop.start({"p-1": 3})
    if noted:
        shop.run(saga.DEADLINE)
    shop.run()
    assert shop.container.deadlines().due(shop.clock.now_s() + 10 * DEADLINE_S, count=10) == []


def test_an_end_seen_before_its_start_does_no_harm(shop: Shop) -> None:
    """The start failed once and is tried again after the end was dealt with."""
    checkout = shop.start({"p-1": 3})
    shop.run(saga.STOCK_RESERVATION)
    shop.run(saga.ORDER_CREATION)
    deliveries: list[Delivery] = receive_for(shop, saga.DEADLINE, consumer="c-0")
    deadline = handler_on(shop, saga.DEADLINE)

    deadline.handle(deliveries[-1:])
    deadline.handle(deliveries[:1])
    later(shop)

    assert shop.facts(checkout)[-1] == "CheckoutSucceeded"
    assert shop.container.deadlines().due(shop.clock.now_s() + 10 * DEADLINE_S, count=10) == []
    invariants(shop)


def test_more_late_checkouts_than_one_go_takes_all_expire(shop: Shop) -> None:
    checkouts = [shop.start({"p-1": 1}) for _ in range(130)]
    shop.run(saga.DEADLINE)
    shop.clock.advance(DEADLINE_S)

    for _ in range(2):
        shop.workers[saga.DEADLINE].turn()

    assert {shop.facts(checkout)[-1] for checkout in checkouts} == {"CheckoutDeadlineExpired"}
