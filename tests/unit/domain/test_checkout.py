"""The checkout: what it answers to each step."""

from decimal import Decimal

import attrs
import pytest

from domain.checkout.checkout import CHECKOUT, known, units_to_give_back, units_wanted
from domain.checkout.commands import (
    Cancel,
    ConcludeFailure,
    ConcludeOrder,
    ConfirmStock,
    Expire,
    GiveUp,
    PostponeDeadline,
    Resolve,
    StartCheckout,
)
from domain.checkout.events import CheckoutEvent, CheckoutFailed, CheckoutSucceeded
from domain.checkout.states import Failed, Failure, Initiated, Ordered, StockHeld, Succeeded
from domain.errors import CheckoutFailing, UnknownCheckout
from tests.each_row import each_row
from tests.facts import (
    CANCELLED,
    CART,
    EXPIRED,
    FAILED_BY_HAND,
    FAILED_CANCELLED,
    FAILED_LATE,
    FAILED_SHORT,
    FAILED_TOO_DEAR,
    HISTORIES,
    ID,
    INITIATED,
    NO_DEADLINE,
    NOT_ORDERED,
    NOT_RESERVED,
    ORDER_ID,
    ORDERED,
    POSTPONED,
    RELEASED,
    RESERVED,
    RESOLVED,
    RETRIED,
    SHORTAGES,
    STUCK,
    SUCCEEDED,
    WHO,
)
from tests.given import given

START = StartCheckout(checkout_id=ID, client_id=WHO, cart=CART)
CREATE_ORDER = ConcludeOrder(total_max=Decimal(1000))
CREATE_SMALL_ORDER = ConcludeOrder(total_max=Decimal(20))
GIVEN_BACK = ConcludeFailure(gave_back=True)
NOTHING_GIVEN_BACK = ConcludeFailure(gave_back=False)
NOW_S = 3_000.0
CANCEL = Cancel(actor="ada", reason="too slow")


def test_a_checkout_starts_with_its_client_cart_and_address() -> None:
    given(CHECKOUT).when(START).then(INITIATED)
    with_address = attrs.evolve(START, delivery_address="12, rue du Port")
    given(CHECKOUT).when(with_address).then(attrs.evolve(INITIATED, delivery_address="12, rue du Port"))


def test_a_checkout_starts_once() -> None:
    given(CHECKOUT, INITIATED).when(START).then()


def test_stock_that_is_held_is_reserved_with_the_cart() -> None:
    given(CHECKOUT, INITIATED).when(ConfirmStock()).then(RESERVED)


def test_a_shortage_says_which_product_how_many_wanted_and_how_many_free() -> None:
    given(CHECKOUT, INITIATED).when(ConfirmStock(shortages=SHORTAGES)).then(NOT_RESERVED)


def test_a_reservation_already_answered_gets_no_second_answer() -> None:
    given(CHECKOUT, INITIATED, RESERVED).when(ConfirmStock(shortages=SHORTAGES)).then()
    given(CHECKOUT, INITIATED, NOT_RESERVED).when(ConfirmStock()).then()


def test_an_order_and_the_end_come_together() -> None:
    given(CHECKOUT, INITIATED, RESERVED).when(CREATE_ORDER).then(ORDERED, SUCCEEDED)


def test_an_order_refused_ends_nothing_yet() -> None:
    given(CHECKOUT, INITIATED, RESERVED).when(CREATE_SMALL_ORDER).then(NOT_ORDERED)


def test_an_order_that_another_program_created_only_gets_its_end() -> None:
    given(CHECKOUT, INITIATED, RESERVED, ORDERED).when(CREATE_ORDER).then(SUCCEEDED)


def test_a_delivery_repeated_after_the_order_exists_creates_no_second_order() -> None:
    given(CHECKOUT, INITIATED, RESERVED, ORDERED, SUCCEEDED).when(CREATE_ORDER).then()


def test_no_order_comes_of_a_checkout_without_stock() -> None:
    given(CHECKOUT, INITIATED).when(CREATE_ORDER).then()
    given(CHECKOUT, INITIATED, NOT_RESERVED).when(CREATE_ORDER).then()


def test_a_failed_reservation_releases_nothing_and_keeps_its_shortages() -> None:
    given(CHECKOUT, INITIATED, NOT_RESERVED).when(NOTHING_GIVEN_BACK).then(FAILED_SHORT)


def test_a_refused_order_says_what_was_given_back_before_it_ends() -> None:
    given(CHECKOUT, INITIATED, RESERVED, NOT_ORDERED).when(GIVEN_BACK).then(RELEASED, FAILED_TOO_DEAR)


def test_what_was_given_back_is_said_once() -> None:
    given(CHECKOUT, INITIATED, RESERVED, NOT_ORDERED, RELEASED).when(GIVEN_BACK).then(FAILED_TOO_DEAR)


def test_stock_is_not_said_to_be_given_back_when_nothing_was_held() -> None:
    given(CHECKOUT, INITIATED, EXPIRED).when(NOTHING_GIVEN_BACK).then(FAILED_LATE)


@pytest.mark.parametrize("name", ["initiated", "stock held", "ordered"])
def test_an_open_checkout_expires(name: str) -> None:
    given(CHECKOUT, *HISTORIES[name]).when(Expire(now_s=NOW_S)).then(EXPIRED)


@each_row("name", [n for n in HISTORIES if n.startswith(("fail", "succeeded", "not"))])
def test_a_checkout_that_is_failing_ended_or_unknown_does_not_expire(name: str) -> None:
    given(CHECKOUT, *HISTORIES[name]).when(Expire(now_s=NOW_S)).then()


def test_a_postponed_deadline_expires_when_it_is_up_and_a_lifted_one_never() -> None:
    given(CHECKOUT, INITIATED, POSTPONED).when(Expire(now_s=1_999.0)).then()
    given(CHECKOUT, INITIATED, POSTPONED, RESERVED).when(Expire(now_s=1_999.0)).then()
    given(CHECKOUT, INITIATED, POSTPONED).when(Expire(now_s=2_000.0)).then(EXPIRED)
    given(CHECKOUT, INITIATED, NO_DEADLINE).when(Expire(now_s=1e12)).then()


def test_a_checkout_that_is_failing_gets_no_more_time_and_the_same_word_twice_says_nothing_new() -> None:
    until = PostponeDeadline(actor=POSTPONED.actor, reason=POSTPONED.reason, expires_at_s=2_000.0)
    for history in ((INITIATED, NOT_RESERVED), (INITIATED, RESERVED, CANCELLED, STUCK)):
        given(CHECKOUT, *history).when(until).then_refused(CheckoutFailing(ID))
    given(CHECKOUT, INITIATED).when(until).then(POSTPONED)
    given(CHECKOUT, INITIATED, NO_DEADLINE).when(until).then(POSTPONED)
    given(CHECKOUT, INITIATED, POSTPONED, RESERVED).when(until).then()


def test_a_cancelled_checkout_gives_back_and_fails_with_the_reason() -> None:
    given(CHECKOUT, INITIATED, RESERVED).when(CANCEL).then(CANCELLED)
    given(CHECKOUT, INITIATED, RESERVED, CANCELLED).when(GIVEN_BACK).then(RELEASED, FAILED_CANCELLED)
    given(CHECKOUT, INITIATED, RESERVED, CANCELLED).when(CANCEL).then()


def test_an_order_comes_too_late_for_a_cancelled_checkout() -> None:
    given(CHECKOUT, INITIATED, RESERVED, CANCELLED).when(CREATE_ORDER).then()


def test_giving_back_that_fails_for_good_waits_for_a_person_who_may_try_again() -> None:
    stuck = (INITIATED, RESERVED, CANCELLED, STUCK)
    given(CHECKOUT, INITIATED, RESERVED, CANCELLED).when(GiveUp(reason=STUCK.reason)).then(STUCK)
    given(CHECKOUT, *stuck).when(GIVEN_BACK).then(RELEASED, FAILED_CANCELLED)  # its dead letter, redriven
    given(CHECKOUT, *stuck, RETRIED).when(GIVEN_BACK).then(RELEASED, FAILED_CANCELLED)


def test_what_is_resolved_by_hand_ends_in_the_same_breath() -> None:
    resolve = Resolve(actor="ada", reason="done by hand")
    given(CHECKOUT, INITIATED, RESERVED, CANCELLED, STUCK).when(resolve).then(RESOLVED, FAILED_BY_HAND)
    given(CHECKOUT, INITIATED).when(resolve).then(RESOLVED, FAILED_BY_HAND)


def test_stock_is_wanted_only_until_its_reservation_is_answered() -> None:
    wanting = {name for name, facts in HISTORIES.items() if units_wanted(CHECKOUT.fold(facts))}
    assert wanting == {"initiated", "without a deadline"}
    assert units_wanted(CHECKOUT.fold([INITIATED])) == {"p-1": 2, "p-2": 1}


def test_stock_is_to_be_given_back_once_a_checkout_is_failing_or_has_failed() -> None:
    giving = {name for name, facts in HISTORIES.items() if units_to_give_back(CHECKOUT.fold(facts))}
    assert giving == {name for name in HISTORIES if name.startswith(("fail", "stuck", "resolved"))}
    assert units_to_give_back(CHECKOUT.fold([INITIATED, EXPIRED])) == {"p-1": 2, "p-2": 1}


def test_a_step_on_a_checkout_that_never_started_is_refused() -> None:
    with pytest.raises(UnknownCheckout, match="checkout c-1 was never started"):
        known(ID, CHECKOUT.initial)


@each_row("name", [n for n in HISTORIES if n != "not started"])
def test_a_checkout_that_has_started_is_known(name: str) -> None:
    checkout = CHECKOUT.fold(HISTORIES[name])
    assert known(ID, checkout) is checkout


def test_each_fact_leads_to_its_state() -> None:
    given(CHECKOUT, INITIATED).then_it_is(Initiated(checkout_id=ID, client_id=WHO, cart=CART))
    given(CHECKOUT, INITIATED, RESERVED).then_it_is(StockHeld(checkout_id=ID, client_id=WHO, cart=CART))
    ordered = Ordered(checkout_id=ID, client_id=WHO, cart=CART, commande_id=ORDER_ID)
    given(CHECKOUT, INITIATED, RESERVED, ORDERED).then_it_is(ordered)


def failed(reason: str, source: str, *, reserved: bool) -> Failed:
    failure = Failure(source=source, reason=reason)
    return Failed(
        checkout_id=ID,
        client_id=WHO,
        cart=CART,
        failure=failure,
        stock_reserved=reserved,
        stock_released=False,
    )


@pytest.mark.parametrize(
    ("before", "reserved"),
    [((INITIATED,), False), ((INITIATED, RESERVED), True), ((INITIATED, RESERVED, ORDERED), True)],
)
def test_another_program_may_end_an_open_checkout_without_saying_who_it_is(
    before: tuple[CheckoutEvent, ...], reserved: bool
) -> None:
    given_up = CheckoutFailed(checkout_id=ID, client_id=None, reason="given up")
    given(CHECKOUT, *before, given_up).then_it_is(failed("given up", "unknown", reserved=reserved))


def test_another_program_may_end_a_checkout_with_an_order_of_its_own() -> None:
    theirs = CheckoutSucceeded(checkout_id=ID, client_id=None, commande_id="theirs")
    given(CHECKOUT, INITIATED, RESERVED, theirs).then_it_is(
        Succeeded(checkout_id=ID, client_id=WHO, cart=CART, commande_id="theirs")
    )
