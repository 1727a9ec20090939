"""The failures that were seen in another implementation of the same decision, each as what must happen:
deliveries, listings, replays and the read model.
"""

import pytest

from adapters.inmemory.event_bus import fields_of
from application.events.streams import CHECKOUTS
from domain.checkout import saga
from tests.foreign import add_foreign, foreign_cart, start_foreign
from tests.interruptions import (
    Crash,
    InterruptedStore,
    later,
    quick_shop,
    receive_for,
    worker_on,
)
from tests.invariants import entries, invariants, order_rows
from tests.shop import CLIENT, Shop


@pytest.fixture
def shop() -> Shop:
    shop = quick_shop()
    shop.receive({"p-1": 200, "p-2": 5})
    return shop


def statuses(shop: Shop, checkouts: list[str]) -> set[str]:
    return {shop.replay(checkout).view.status for checkout in checkouts}


def test_ten_checkouts_read_by_a_worker_that_is_killed_are_not_lost(shop: Shop) -> None:
    checkouts = [shop.start({"p-1": 1}) for _ in range(10)]
    assert len(receive_for(shop, saga.STOCK_RESERVATION, consumer="killed")) == 10
    later(shop)
    assert statuses(shop, checkouts) == {"succeeded"}
    invariants(shop)


def test_an_exception_in_a_step_is_told_and_tried_again(shop: Shop) -> None:
    checkout = shop.start({"p-1": 1})
    broken = InterruptedStore(shop.store, lambda moment: moment.call == "append", _stumble)
    worker_on(shop, saga.STOCK_RESERVATION, consumer="c-1", store=broken).turn()
    assert [str(error) for _, error in shop.telemetry.failures] == ["a bug"]

    later(shop)

    assert shop.replay(checkout).view.status == "succeeded"
    invariants(shop)


def _stumble() -> None:
    raise ZeroDivisionError("a bug")


def test_an_order_whose_confirmation_got_lost_is_found_again(shop: Shop) -> None:
    checkout = shop.start({"p-1": 1})
    shop.run(saga.STOCK_RESERVATION)
    lost = InterruptedStore(shop.store, lambda moment: moment.is_("after", "append", CHECKOUTS))
    with pytest.raises(Crash):
        worker_on(shop, saga.ORDER_CREATION, consumer="c-0", store=lost).turn()

    later(shop)

    assert shop.facts(checkout).count("OrderCreated") == 1
    assert shop.orders().total_orders == 1
    invariants(shop)


def test_checkouts_written_before_any_worker_ever_started_are_served(shop: Shop) -> None:
    checkouts = [shop.start({"p-1": 1}) for _ in range(5)]
    assert shop.log.stream(CHECKOUTS).groups == {}
    shop.run()
    assert statuses(shop, checkouts) == {"succeeded"}


def test_a_group_that_disappears_stops_no_worker(shop: Shop) -> None:
    shop.run()
    for step in saga.SAGA:
        shop.bus.forget_group(CHECKOUTS, step.group)
    checkout = shop.start({"p-1": 1})
    shop.run()
    assert shop.replay(checkout).view.status == "succeeded"


@pytest.mark.parametrize("payload", [b"\xff\xfe", b"[1,2]", b"{", b'{"x":NaN}', b"x" * 1_048_576])
def test_a_payload_that_is_no_event_stops_no_worker_no_listing_and_no_replay(
    shop: Shop, payload: bytes
) -> None:
    shop.log.add(CHECKOUTS, fields_of(type="CheckoutInitiated", payload=payload))
    shop.log.add(CHECKOUTS, {b"payload": payload})
    shop.log.add(CHECKOUTS, {})
    checkout = shop.start({"p-1": 1})
    shop.run()

    assert shop.replay(checkout).view.status == "succeeded"
    assert [e.malformed is not None for e in entries(shop, CHECKOUTS)] == [True] * 3 + [False] * 4
    assert len(shop.audit_log.entries) == 7
    invariants(shop)


def test_a_burst_while_a_worker_is_down_is_worked_off_to_the_last(shop: Shop) -> None:
    checkouts = [shop.start({"p-2": 1} if number % 15 == 0 else {"p-1": 1}) for number in range(60)]
    shop.run(*(name for name in shop.workers if name != saga.STOCK_RESERVATION))
    shop.pass_time(60)
    later(shop)
    assert statuses(shop, checkouts) == {"succeeded"}
    invariants(shop)


def test_an_old_checkout_is_replayed_in_full_however_many_came_after_it(shop: Shop) -> None:
    checkout = shop.start({"p-1": 1})
    shop.run()
    for _ in range(50):
        shop.start({"p-1": 1})
    shop.run()
    assert [replayed.recorded.type for replayed in shop.replay(checkout).events] == shop.facts(checkout)
    assert [row.checkout_id for row in order_rows(shop, CLIENT)][-1] == checkout


def test_a_failure_is_projected_and_counted_as_one(shop: Shop) -> None:
    shop.start({"p-2": 6})
    shop.run()
    orders = shop.orders()
    assert (orders.total_orders, orders.total_failed) == (0, 1)
    assert orders.rows[0].reason == "not enough stock: p-2: 6 wanted, 5 free"


def test_an_order_is_counted_once_although_two_facts_speak_of_it(shop: Shop) -> None:
    checkout = shop.start({"p-1": 1})
    shop.run(saga.STOCK_RESERVATION)
    add_foreign(shop, "OrderCreated", checkout, client_id=CLIENT, commande_id="theirs")
    shop.run(saga.CQRS_PROJECTION)
    later(shop)
    assert shop.orders().total_orders == 1


def test_only_our_own_streams_can_be_listed(shop: Shop) -> None:
    for stream in ("", "dump", "ecommerce.checkout.events:c-1", "ecommerce.checkout.event"):
        assert shop.container.lister().page(stream, count=1) is None


def test_an_unknown_checkout_has_no_replay(shop: Shop) -> None:
    start_foreign(shop, "c-1", p_1=1)
    assert shop.container.replayer().replay("c-2") is None
    assert foreign_cart(p_1=1)["total"] == 10.0
