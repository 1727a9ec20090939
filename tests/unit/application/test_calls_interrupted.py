"""Calls to existing services while processes die, others go first, and deadlines come."""

import pytest

from application.events.streams import CALLS
from application.ports.errors import Unavailable
from domain.checkout import saga
from tests.ended_elsewhere import all_is_well, run_to_the_end
from tests.interruptions import Crash, InterruptedStore, crash, later, worker_on
from tests.shop_elsewhere import ShopElsewhere, elsewhere

CART = {"p-1": 2, "p-2": 1}
REFUSED = {"p-1": 2, "p-2": 9}
STEPS = (saga.STOCK_RESERVATION, saga.ORDER_CREATION, saga.STOCK_COMPENSATION)


@pytest.mark.parametrize("repeatable", [False, True])
@pytest.mark.parametrize("number", range(1, 6))
def test_a_worker_may_die_in_the_middle_of_any_call_of_a_service(number: int, repeatable: bool) -> None:
    shop = ShopElsewhere(services_repeatable=repeatable)
    left = [number]

    def die() -> None:
        left[0] -= 1
        if left[0] == 0:
            crash()

    shop.inventory.before_answer = shop.sales.before_answer = die
    checkouts = [shop.start(CART), shop.start(REFUSED)]
    for _ in range(3):
        try:
            shop.run()
        except Crash:
            for worker in STEPS:
                shop.workers[worker] = worker_on(shop, worker, consumer="c-1")
    run_to_the_end(shop, *checkouts)

    all_is_well(shop, *checkouts)


def test_the_deadline_in_the_middle_of_a_reservation_gives_everything_back() -> None:
    """The compensation runs while the first product is being taken."""
    shop = ShopElsewhere()
    checkout = shop.start(CART)

    def deadline_comes() -> None:
        shop.inventory.before_answer = lambda: None
        shop.clock.advance(900)
        shop.run(saga.DEADLINE, saga.STOCK_COMPENSATION)

    shop.run(saga.DEADLINE)
    shop.inventory.before_answer = deadline_comes
    shop.run(saga.STOCK_RESERVATION)
    run_to_the_end(shop, checkout)

    assert shop.replay(checkout).view.status == "failed"
    assert shop.inventory.effects[0].operation == "take"
    assert shop.calls(checkout).keys() == {"take-1", "give-back-1"}, "nothing more is taken"
    all_is_well(shop, checkout)


def test_the_deadline_in_the_middle_of_an_order_cancels_its_sales() -> None:
    shop = ShopElsewhere()
    checkout = shop.start(CART)

    def deadline_comes() -> None:
        shop.sales.before_answer = lambda: None
        shop.clock.advance(900)
        shop.run(saga.DEADLINE, saga.STOCK_COMPENSATION)

    shop.run(saga.DEADLINE, saga.STOCK_RESERVATION)
    shop.sales.before_answer = deadline_comes
    shop.run(saga.ORDER_CREATION)
    run_to_the_end(shop, checkout)

    assert shop.replay(checkout).view.status == "failed"
    assert [sale.active for sale in shop.sales.sales.values()] == [False]
    all_is_well(shop, checkout)


def test_of_two_consumers_only_one_makes_the_call() -> None:
    """The first one is slow; the second has claimed what it holds, and finds a call under way."""
    shop = ShopElsewhere(settings=elsewhere(claim_idle_ms=16_000))
    shop.inventory.longest_s = 60.0
    checkout = shop.start(CART)
    second = worker_on(shop, saga.STOCK_RESERVATION, consumer="c-2")

    def claimed() -> None:
        shop.inventory.before_answer = lambda: None
        shop.clock.advance(31)
        second.turn()

    shop.inventory.before_answer = claimed
    shop.run(saga.STOCK_RESERVATION)
    assert shop.calls(checkout)["take-1"] == "done"
    run_to_the_end(shop, checkout)

    assert [effect.produit_id for effect in shop.inventory.effects] == ["p-1", "p-2"]
    assert shop.replay(checkout).view.status == "succeeded"
    all_is_well(shop, checkout)


@pytest.mark.parametrize("decided_first", [False, True])
def test_an_answer_that_comes_after_all_settles_the_doubt(decided_first: bool) -> None:
    """Its caller counted as dead, and was only slow."""
    shop = ShopElsewhere()
    checkout = shop.start(CART)
    second = worker_on(shop, saga.STOCK_RESERVATION, consumer="c-2")

    def taken_for_dead() -> None:
        shop.inventory.before_answer = lambda: None
        shop.clock.advance(31)
        second.turn()
        assert shop.calls(checkout) == {"take-1": "in doubt"}
        if decided_first:  # wrongly
            shop.container.call_desk().settle(
                f"{checkout}:take-1", happened=False, actor="ada", reason="not in their list yet"
            )

    shop.inventory.before_answer = taken_for_dead
    shop.run()

    assert shop.replay(checkout).view.status == "succeeded"
    assert shop.ledger(checkout).in_doubt() == []
    assert len(shop.inventory.effects) == 2
    run_to_the_end(shop, checkout)
    all_is_well(shop, checkout)


def test_a_late_answer_wakes_a_checkout_that_was_given_up_for_its_doubt() -> None:
    shop = ShopElsewhere()
    checkout = shop.start(CART)
    second = worker_on(shop, saga.STOCK_RESERVATION, consumer="c-2")
    shop.run(saga.DEADLINE)

    def taken_for_dead() -> None:
        shop.inventory.before_answer = lambda: None
        shop.clock.advance(31)
        second.turn()
        shop.clock.advance(900)
        shop.run(saga.DEADLINE, saga.STOCK_COMPENSATION)
        assert shop.replay(checkout).view.step == "compensation_failed"

    shop.inventory.before_answer = taken_for_dead
    shop.run(saga.STOCK_RESERVATION)
    later(shop)

    assert shop.replay(checkout).view.status == "failed"
    assert shop.ledger(checkout).in_doubt() == []
    all_is_well(shop, checkout)


def test_what_became_of_a_call_outlives_an_outage_of_the_store() -> None:
    """The service answered, and the answer could not be noted: it is, as soon as the store is back."""
    shop = ShopElsewhere()
    checkout = shop.start({"p-1": 2})
    away = [False]

    def outage() -> None:
        if away[0]:
            raise Unavailable("gone")

    class Away(InterruptedStore):
        def _moment(self, when: str, call: str, stream: str) -> None:
            outage()

    shop.workers[saga.STOCK_RESERVATION] = worker_on(
        shop, saga.STOCK_RESERVATION, consumer="c-1", store=Away(shop.store, lambda _: False)
    )

    def goes_away() -> None:
        shop.inventory.before_answer = lambda: None
        away[0] = True

    shop.inventory.before_answer = goes_away
    with pytest.raises(Unavailable):
        shop.run(saga.STOCK_RESERVATION)
    assert shop.calls(checkout) == {"take-1": "under way"}
    shop.clock.advance(60)
    away[0] = False
    shop.run(saga.STOCK_RESERVATION)

    assert shop.calls(checkout) == {"take-1": "done"}
    run_to_the_end(shop, checkout)
    assert shop.replay(checkout).view.status == "succeeded"
    all_is_well(shop, checkout)


def test_an_intent_that_was_noted_without_our_knowing_is_no_doubt() -> None:
    """The store wrote it, and its answer got lost: nobody made the call."""
    shop = ShopElsewhere()
    checkout = shop.start({"p-1": 2})

    def answer_is_lost() -> None:
        raise Unavailable("connection reset")

    store = InterruptedStore(shop.store, lambda m: m.is_("after", "append", CALLS), answer_is_lost)
    shop.workers[saga.STOCK_RESERVATION] = worker_on(
        shop, saga.STOCK_RESERVATION, consumer="c-1", store=store
    )
    shop.run(saga.STOCK_RESERVATION)
    assert shop.calls(checkout) == {"take-1": "under way"}
    shop.clock.advance(60)
    shop.run()

    assert store.happened
    assert shop.replay(checkout).view.status == "succeeded"
    assert shop.ledger(checkout).calls["take-1"].attempt == 2
    all_is_well(shop, checkout)


def test_a_caller_that_slept_before_its_call_does_not_make_it() -> None:
    """By then others may think that it is dead, and a person may have said that it did not happen."""
    shop = ShopElsewhere()
    checkout = shop.start({"p-1": 2})
    store = InterruptedStore(
        shop.store, lambda m: m.is_("after", "append", CALLS), lambda: shop.clock.advance(20)
    )
    shop.workers[saga.STOCK_RESERVATION] = worker_on(
        shop, saga.STOCK_RESERVATION, consumer="c-1", store=store
    )
    shop.workers[saga.STOCK_RESERVATION].turn()

    assert shop.calls(checkout) == {"take-1": "not made"}
    assert shop.inventory.effects == []
    run_to_the_end(shop, checkout)
    all_is_well(shop, checkout)
