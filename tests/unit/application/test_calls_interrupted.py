"""Calls to existing services while processes die, others go first, and deadlines come."""

from collections.abc import Callable

import pytest

from application.calls.settle_doubts import CallView
from application.ports.errors import Unavailable
from application.streams import CALLS
from domain.checkout import saga
from domain.checkout.commands import RetryStep
from tests.interruptions import Crash, InterruptedStore, crash, later, worker_on
from tests.invariants import invariants
from tests.shop_elsewhere import ShopElsewhere, elsewhere

MOMENTS_MIN, MOMENTS_MAX = 12, 200
CART = {"p-1": 2, "p-2": 1}
REFUSED = {"p-1": 2, "p-2": 9}
STEPS = (saga.STOCK_RESERVATION, saga.ORDER_CREATION, saga.STOCK_COMPENSATION)


def happened(shop: ShopElsewhere, view: CallView) -> tuple[bool, str | None]:
    """What a person finds who looks in the services."""
    wanted = view.call.wanted
    effects = [*shop.inventory.effects, *shop.sales.effects]
    done = [effect for effect in effects if (effect.key, effect.operation) == (wanted.key, wanted.operation)]
    return bool(done), done[-1].vente_id if done and wanted.operation == "enter" else None


def run_to_the_end(shop: ShopElsewhere, *checkouts: str) -> None:
    """So much time passes that everything has ended that can end without a person; then comes one."""
    for seconds in (31, 31, 901, 31, 31, 901, 31):
        shop.pass_time(seconds)
        found, _ = shop.container.call_desk().finder.in_doubt(count=100)
        for view in found:
            did, vente_id = happened(shop, view)
            shop.container.call_desk().settle(
                view.id, happened=did, vente_id=vente_id, actor="ada", reason="seen"
            )
        for checkout in checkouts:
            if shop.replay(checkout).view.step == "compensation_failed":
                retry = RetryStep(actor="ada", reason="they take it back now")
                shop.container.checkout_desk().intervene(checkout, retry)
        shop.run()
        if checkouts and all(shop.replay(checkout).view.status != "initiated" for checkout in checkouts):
            return


def all_is_well(shop: ShopElsewhere, *checkouts: str) -> None:
    """Everything has ended, and what is gone from the stock is what succeeded, and is sold."""
    succeeded = [c for c in checkouts if shop.replay(c).view.status == "succeeded"]
    wanted: dict[str, int] = {}
    for checkout in succeeded:
        start = shop.replay(checkout).events[0].recorded.event
        for product, units in start.cart.units_by_product().items():  # type: ignore[union-attr]  # a CheckoutInitiated
            wanted[product] = wanted.get(product, 0) + units
    assert shop.taken() == wanted
    assert shop.sold() == wanted
    invariants(shop)


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
