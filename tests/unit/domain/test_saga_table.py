"""The saga's table, to the letter, and that the steps keep to it."""

from decimal import Decimal
from typing import Final, get_args

from domain.checkout import saga
from domain.checkout.checkout import CHECKOUT
from domain.checkout.commands import (
    CheckoutCommand,
    ConcludeFailure,
    ConcludeOrder,
    ConfirmStock,
    Expire,
    GiveUp,
)
from domain.checkout.events import (
    END_FACTS,
    CheckoutCancelled,
    CheckoutDeadlineExpired,
    CheckoutFailed,
    CheckoutInitiated,
    CheckoutResolved,
    CheckoutSucceeded,
    CompensationFailed,
    CompensationForced,
    DeadlinePostponed,
    Intervention,
    StepRetried,
    StockReleased,
    StockReservationFailed,
    StockReserved,
)
from domain.checkout.saga import ALL_FACTS, SAGA, STEPS
from domain.order.events import OrderCreated, OrderCreationFailed
from tests.each_row import each_row
from tests.facts import HISTORIES, SHORTAGES

COMMANDS: Final[dict[str, tuple[CheckoutCommand, ...]]] = {
    saga.STOCK_RESERVATION: (ConfirmStock(), ConfirmStock(shortages=SHORTAGES)),
    saga.ORDER_CREATION: (ConcludeOrder(total_max=Decimal(1000)), ConcludeOrder(total_max=Decimal(20))),
    saga.STOCK_COMPENSATION: (
        ConcludeFailure(gave_back=True),
        ConcludeFailure(gave_back=False),
        GiveUp(reason="the warehouse is closed"),
    ),
    saga.DEADLINE: (Expire(now_s=0.0),),
}
"""What each step that answers may say to a checkout."""


def test_the_answers_of_each_step_are_signed_with_a_letter_of_its_own_for_ever() -> None:
    """The ids of all that was ever answered have them."""
    signs = {step.worker: step.sign for step in SAGA if step.answers}
    assert signs == {
        saga.STOCK_RESERVATION: "r",
        saga.ORDER_CREATION: "o",
        saga.STOCK_COMPENSATION: "c",
        saga.DEADLINE: "d",
    }


def row(worker: str) -> tuple[str, set[type], set[type]]:
    step = STEPS[worker]
    return step.group, set(step.on), set(step.answers)


def test_a_start_wakes_the_reservation() -> None:
    answers: set[type] = {StockReserved, StockReservationFailed}
    assert row("stock-reservation") == ("checkout-reservation", {CheckoutInitiated, StepRetried}, answers)


def test_reserved_stock_wakes_the_order() -> None:
    answers: set[type] = {OrderCreated, CheckoutSucceeded, OrderCreationFailed}
    assert row("order-creation") == ("checkout-order", {StockReserved, StepRetried}, answers)


def test_every_failure_wakes_the_compensation() -> None:
    failures: set[type] = {StockReservationFailed, OrderCreationFailed, CheckoutDeadlineExpired}
    failures |= {CheckoutCancelled, CompensationForced, CheckoutResolved, StepRetried}
    answers: set[type] = {StockReleased, CheckoutFailed, CompensationFailed}
    assert row("stock-compensation") == ("checkout-compensation", failures, answers)


def test_the_start_and_the_ends_wake_the_deadline() -> None:
    on: set[type] = {CheckoutInitiated, DeadlinePostponed, CheckoutSucceeded, CheckoutFailed}
    assert row("deadline") == ("checkout-deadline", on, {CheckoutDeadlineExpired})


def test_what_a_client_can_see_wakes_the_read_model() -> None:
    on: set[type] = {OrderCreated, StockReleased, CheckoutSucceeded, CheckoutFailed}
    assert row("cqrs-projection") == ("checkout-cqrs", on, set())


def test_everything_wakes_the_audit() -> None:
    assert row("audit") == ("checkout-audit", set(ALL_FACTS), set())


def test_the_ends_wake_the_notification() -> None:
    assert row("notification") == ("checkout-notification", set(END_FACTS), set())


def test_there_are_seven_workers_with_a_group_each() -> None:
    assert len(SAGA) == len(STEPS) == len({step.group for step in SAGA}) == 7


def test_all_facts_are_all_facts() -> None:
    said = {fact for step in SAGA for fact in step.answers}
    assert set(ALL_FACTS) == said | {CheckoutInitiated, *get_args(Intervention)}


def test_every_fact_but_an_end_wakes_a_step_that_answers_or_is_half_of_an_answer() -> None:
    waking = {fact for step in SAGA if step.answers for fact in step.on}
    ends_with = {OrderCreated, StockReleased}
    assert set(ALL_FACTS) - waking == {*ends_with, CompensationFailed}, "which waits for a person"


@each_row("worker", COMMANDS)
def test_a_step_answers_with_nothing_but_what_its_row_says(worker: str) -> None:
    answered = {
        type(fact)
        for command in COMMANDS[worker]
        for facts in HISTORIES.values()
        for fact in CHECKOUT.decide(command, CHECKOUT.fold(facts))
    }
    assert answered == set(STEPS[worker].answers)


def test_the_steps_that_answer_are_the_ones_looked_at_here() -> None:
    assert {step.worker for step in SAGA if step.answers} == set(COMMANDS)
