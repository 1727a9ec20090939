"""The client is told once how a checkout ended: by the fact that ended it, whoever adds ends after it."""

import json

import pytest

from adapters.inmemory.event_bus import fields_of
from application.events.streams import CHECKOUTS
from application.ports.errors import RefusedForGood, Unavailable
from application.ports.notifier import NotTold
from domain.checkout import saga
from domain.checkout.commands import Resolve
from tests.foreign import add_foreign, start_foreign
from tests.interruptions import InterruptedStore, handler_on, later, quick_shop, receive_for
from tests.invariants import invariants
from tests.shop import CLIENT, Shop

FAILED = "CheckoutFailed"
ENDS: dict[str, dict[str, object]] = {
    FAILED: {"reason": "the other shop gave up"},
    "CheckoutSucceeded": {"commande_id": "theirs-1"},
}
another_end = pytest.mark.parametrize("type", ENDS)


@pytest.fixture
def shop() -> Shop:
    shop = quick_shop()
    shop.receive({"p-1": 10})
    return shop


def told(shop: Shop) -> list[str]:
    """What was told, oldest first: the order, or why there is none."""
    return [notice.commande_id or str(notice.reason) for notice in shop.notifier.sent]


@another_end
@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "later"])
def test_what_another_program_adds_after_the_end_is_not_told(shop: Shop, type: str, at_once: bool) -> None:
    checkout = shop.start({"p-1": 3})
    shop.run(saga.STOCK_RESERVATION, saga.ORDER_CREATION, *([] if at_once else [saga.NOTIFICATION]))
    add_foreign(shop, type, checkout, **ENDS[type])
    later(shop)

    assert told(shop) == [f"o-{checkout}"]
    invariants(shop)


def test_only_the_first_of_two_ends_by_other_programs_is_told(shop: Shop) -> None:
    start_foreign(shop, "web-1", p_1=3)
    shop.run(saga.DEADLINE)
    add_foreign(shop, FAILED, "web-1", reason="the shopper left")
    add_foreign(shop, FAILED, "web-1", reason="the other shop gave up")
    shop.run(saga.NOTIFICATION)
    later(shop)

    assert told(shop) == ["the shopper left"]
    invariants(shop)


def test_a_success_that_comes_while_the_checkout_is_failing_is_not_told(shop: Shop) -> None:
    checkout = shop.start({"p-1": 50})
    shop.run(saga.STOCK_RESERVATION)
    add_foreign(shop, "CheckoutSucceeded", checkout, commande_id="theirs-1")
    shop.run(saga.NOTIFICATION)
    later(shop)

    assert told(shop) == ["not enough stock: p-1: 50 wanted, 10 free"]
    invariants(shop)


def test_another_programs_end_that_names_its_cause_is_not_taken_for_ours(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    shop.run()
    payload = json.dumps({"checkout_id": checkout, "client_id": CLIENT, **ENDS[FAILED]})
    cause = shop.replay(checkout).events[0].recorded.event_id
    shop.log.add(CHECKOUTS, fields_of(type=FAILED, payload=payload, event_id="theirs", causation_id=cause))
    later(shop)

    assert told(shop) == [f"o-{checkout}"]


def test_an_end_by_hand_is_told_once(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    shop.container.checkout_desk().intervene(checkout, Resolve(actor="ada", reason="paid in cash"))
    add_foreign(shop, FAILED, checkout, **ENDS[FAILED])
    later(shop)

    assert told(shop) == ["resolved by hand: paid in cash"]
    invariants(shop)


def test_an_end_of_a_checkout_that_is_not_known_here_is_set_aside(shop: Shop) -> None:
    payload = json.dumps({"checkout_id": "c-1", "client_id": CLIENT, **ENDS[FAILED]})
    shop.log.add(CHECKOUTS, fields_of(type=FAILED, payload=payload, event_id="e-1", version="3"))
    shop.run(saga.NOTIFICATION)

    ((_, why),) = shop.telemetry.dead_letters
    assert (why.reason, why.attempts) == ("checkout c-1 was never started", 1)
    assert told(shop) == []


def test_the_ends_that_our_own_steps_write_are_told_without_a_look_at_their_checkouts(shop: Shop) -> None:
    for units in (1, 50):
        shop.start({"p-1": units})
    shop.run(saga.STOCK_RESERVATION, saga.ORDER_CREATION, saga.STOCK_COMPENSATION)
    store = InterruptedStore(shop.store, lambda moment: moment.call == "read")
    deliveries = [
        delivery for delivery in receive_for(shop, saga.NOTIFICATION, consumer="c-1") if delivery.type in ENDS
    ]

    assert handler_on(shop, saga.NOTIFICATION, store).handle(deliveries) == {}
    assert len(told(shop)) == 2


def finish(shop: Shop, count: int) -> list[str]:
    """So many checkouts that have ended, of which nobody was told yet."""
    checkouts = [shop.start({"p-1": 1}) for _ in range(count)]
    shop.run(saga.STOCK_RESERVATION, saga.ORDER_CREATION)
    return checkouts


def test_one_that_is_not_told_holds_up_no_other_and_is_told_later(shop: Shop) -> None:
    first, *others = finish(shop, 3)
    shop.notifier.fail_next(1, NotTold("no answer"))
    shop.run(saga.NOTIFICATION)

    assert told(shop) == [f"o-{other}" for other in others]
    later(shop)
    assert told(shop)[2:] == [f"o-{first}"]


def test_what_the_receiver_refuses_for_good_is_set_aside_at_once(shop: Shop) -> None:
    finish(shop, 1)
    shop.notifier.fail_next(1, RefusedForGood("the receiver answered 410"))
    shop.run(saga.NOTIFICATION)

    ((_, why),) = shop.telemetry.dead_letters
    assert (why.reason, why.attempts) == ("the receiver answered 410", 1)


def test_a_receiver_that_is_away_costs_no_attempts(shop: Shop) -> None:
    finish(shop, 1)
    shop.notifier.fail_next(20, Unavailable("cannot be reached"))
    for _ in range(25):
        shop.pass_time(31)

    assert shop.telemetry.dead_letters == []
    assert len(told(shop)) == 1


def test_two_notices_have_different_keys_though_another_program_gave_both_ends_one_id(shop: Shop) -> None:
    for checkout in ("web-1", "web-2"):
        start_foreign(shop, checkout, p_1=3)
        shop.run(saga.DEADLINE)
        payload = json.dumps({"checkout_id": checkout, "client_id": CLIENT, **ENDS[FAILED]})
        shop.log.add(CHECKOUTS, fields_of(type=FAILED, payload=payload, event_id="end"))
    shop.run(saga.NOTIFICATION)

    assert len({notice.key for notice in shop.notifier.sent}) == 2
