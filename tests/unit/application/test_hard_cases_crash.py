"""A process dies between taking stock and saying so, or between giving it back and saying so."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from application.events.streams import CHECKOUTS, INVENTORY
from application.steps.compensate import GIVEN_UP
from domain.checkout import saga
from entrypoints.settings import Settings
from tests.interruptions import Crash, InterruptedStore, later, quick_shop, worker_on
from tests.invariants import entries, invariants
from tests.shop import Shop

SUCCESS = ["CheckoutInitiated", "StockReserved", "OrderCreated", "CheckoutSucceeded"]


def types_on(shop: Shop, stream: str) -> list[str | None]:
    return [entry.type for entry in entries(shop, stream)]


def die_after(shop: Shop, worker: str, call: str, stream: str) -> None:
    """A process of `worker` dies right after this call was answered."""
    store = InterruptedStore(shop.store, lambda moment: moment.is_("after", call, stream))
    with pytest.raises(Crash):
        worker_on(shop, worker, consumer="c-0", store=store).turn()


def the_same_consumer(shop: Shop) -> None:
    worker_on(shop, saga.STOCK_RESERVATION, consumer="c-0").turn()


def another_consumer(shop: Shop) -> None:
    shop.pass_time(31)


@pytest.mark.parametrize("redeliver_to", [the_same_consumer, another_consumer])
def test_stock_taken_before_a_crash_is_the_stock_that_is_reserved_after_it(
    redeliver_to: Callable[[Shop], None],
) -> None:
    shop = quick_shop()
    shop.receive({"p-1": 2, "p-2": 5})
    checkout = shop.start({"p-1": 2, "p-2": 1})
    die_after(shop, saga.STOCK_RESERVATION, "append", INVENTORY)
    assert shop.stock("p-1") == (0, 2)
    assert shop.facts(checkout) == ["CheckoutInitiated"]

    redeliver_to(shop)
    shop.run()

    assert shop.facts(checkout) == SUCCESS
    assert types_on(shop, INVENTORY).count("UnitsHeld") == 2
    invariants(shop)


def test_stock_taken_before_a_crash_is_given_back_by_the_deadline() -> None:
    shop = quick_shop()
    shop.receive({"p-1": 2})
    checkout = shop.start({"p-1": 2})
    die_after(shop, saga.STOCK_RESERVATION, "append", INVENTORY)
    shop.run(saga.DEADLINE)

    shop.clock.advance(901)
    shop.run(saga.DEADLINE)
    shop.run(saga.STOCK_COMPENSATION)

    assert shop.stock("p-1") == (2, 0)
    assert shop.facts(checkout) == [
        "CheckoutInitiated",
        "CheckoutDeadlineExpired",
        "StockReleased",
        "CheckoutFailed",
    ]
    invariants(shop, idle=False)

    later(shop)
    assert shop.stock("p-1") == (2, 0), "the start, delivered again, takes nothing"
    assert types_on(shop, INVENTORY).count("UnitsHeld") == 1
    invariants(shop)


def test_an_undo_that_crashed_after_its_first_half_is_finished_and_not_done_twice() -> None:
    shop = quick_shop(Shop(settings=Settings(order_total_max=Decimal(5))))
    shop.receive({"p-1": 2, "p-2": 2})
    checkout = shop.start({"p-1": 2, "p-2": 1})
    shop.run(saga.STOCK_RESERVATION)
    shop.run(saga.ORDER_CREATION)
    die_after(shop, saga.STOCK_COMPENSATION, "append", INVENTORY)
    assert shop.facts(checkout)[-1] == "OrderCreationFailed"
    assert shop.stock("p-1") == (2, 0)

    later(shop)

    assert shop.facts(checkout)[-2:] == ["StockReleased", "CheckoutFailed"]
    assert types_on(shop, INVENTORY).count("UnitsReleased") == 2
    invariants(shop)


def test_a_reservation_that_lost_to_the_deadline_and_died_undoing_it_leaves_nothing_held() -> None:
    """The stock is taken, the deadline passes, the answer conflicts, and the undo dies before it says so."""
    shop = quick_shop()
    shop.receive({"p-1": 2})
    checkout = shop.start({"p-1": 2})
    shop.run(saga.DEADLINE)

    def expire() -> None:
        shop.clock.advance(901)
        shop.run(saga.DEADLINE)

    late = InterruptedStore(shop.store, lambda moment: moment.is_("after", "append", INVENTORY), expire)
    dying = InterruptedStore(late, lambda moment: moment.is_("before", "find", INVENTORY))
    with pytest.raises(Crash):
        worker_on(shop, saga.STOCK_RESERVATION, consumer="c-0", store=dying).turn()
    assert shop.stock("p-1") == (0, 2)

    later(shop)

    assert shop.facts(checkout)[-1] == "CheckoutFailed"
    assert shop.stock("p-1") == (2, 0)
    invariants(shop)


def test_an_order_appended_before_a_crash_is_the_only_one() -> None:
    shop = quick_shop()
    shop.receive({"p-1": 2})
    checkout = shop.start({"p-1": 2})
    shop.run(saga.STOCK_RESERVATION)
    die_after(shop, saga.ORDER_CREATION, "append", CHECKOUTS)

    later(shop)

    assert shop.facts(checkout) == SUCCESS
    assert shop.orders().total_orders == 1
    invariants(shop)


def test_an_append_whose_answer_got_lost_is_repeated_without_a_second_effect() -> None:
    shop = quick_shop()
    shop.receive({"p-1": 2})
    checkout = shop.start({"p-1": 2})
    die_after(shop, saga.STOCK_RESERVATION, "append", CHECKOUTS)

    later(shop)

    assert shop.facts(checkout) == SUCCESS
    assert shop.stock("p-1") == (0, 2)
    invariants(shop)


def test_a_start_answered_before_a_crash_is_read_before_it_touches_stock_again() -> None:
    """It was refused, its acknowledgement got lost, and there is enough by now."""
    shop = quick_shop()
    shop.receive({"p-1": 1})
    checkout = shop.start({"p-1": 2})
    die_after(shop, saga.STOCK_RESERVATION, "append", CHECKOUTS)
    shop.receive({"p-1": 10})
    before = types_on(shop, INVENTORY)

    worker_on(shop, saga.STOCK_RESERVATION, consumer="c-0").turn()
    later(shop)

    assert types_on(shop, INVENTORY) == [*before, "UnitsRefused"], "by the compensation"
    assert shop.replay(checkout).view.status == "failed"
    invariants(shop)


def test_a_step_derives_the_ids_of_its_answers_from_what_woke_it() -> None:
    shop = quick_shop()
    shop.receive({"p-1": 2})
    start, reserved, ordered, ended = (r.recorded for r in shop.replay(run_one(shop)).events)

    assert GIVEN_UP not in {step.sign for step in saga.SAGA}
    ids = [r.event_id.removeprefix(start.entity) for r in (start, reserved, ordered, ended)]
    assert ids == [".0", ".1r", ".2o", ".2o1"]
    assert [r.causation_id for r in (reserved, ordered, ended)] == [
        start.event_id,
        reserved.event_id,
        reserved.event_id,
    ]


def run_one(shop: Shop) -> str:
    checkout = shop.start({"p-1": 1})
    shop.run()
    return checkout
