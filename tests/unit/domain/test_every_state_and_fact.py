"""Every state of a checkout, every command and every fact: what holds for all of them."""

from decimal import Decimal
from typing import Final, get_args

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.checkout.checkout import CHECKOUT
from domain.checkout.commands import (
    Cancel,
    CheckoutCommand,
    ConcludeFailure,
    ConcludeOrder,
    ConfirmStock,
    Expire,
    ForceCompensation,
    GiveUp,
    Intervene,
    PostponeDeadline,
    Resolve,
    RetryStep,
    StartCheckout,
)
from domain.checkout.events import END_FACTS, CheckoutEvent, CompensationFailed, Intervention
from domain.checkout.states import Checkout, Compensating, CompensationStuck, Failed, NotStarted, Succeeded
from domain.errors import CheckoutEnded, CheckoutFailing
from tests.each_row import each_row
from tests.facts import CART, EVERY_FACT, HISTORIES, ID, INITIATED, NOT_RESERVED, RESERVED, SHORTAGES, WHO

BY_HAND: Final[tuple[Intervene, ...]] = (
    Cancel(actor="ada", reason="too slow"),
    RetryStep(actor="ada", reason="once more"),
    ForceCompensation(actor="ada", reason="enough"),
    Resolve(actor="ada", reason="done by hand"),
    PostponeDeadline(actor="ada", reason="the van is late", expires_at_s=2_000.0),
)
COMMANDS: Final[tuple[CheckoutCommand, ...]] = (
    StartCheckout(checkout_id=ID, client_id=WHO, cart=CART),
    ConfirmStock(),
    ConfirmStock(shortages=SHORTAGES),
    ConcludeOrder(total_max=Decimal(1000)),
    ConcludeOrder(total_max=Decimal(20)),
    ConcludeFailure(gave_back=False),
    ConcludeFailure(gave_back=True),
    Expire(now_s=3_000.0),
    GiveUp(reason="the warehouse is closed"),
)
STATED_ONCE: Final = {type(fact) for fact in EVERY_FACT} - {*get_args(Intervention), CompensationFailed}
STATES: Final = {name: CHECKOUT.fold(facts) for name, facts in HISTORIES.items()}
in_every_state = each_row("state", STATES.values())


def test_the_tables_here_leave_out_no_state_no_fact_and_no_command() -> None:
    assert {type(state) for state in STATES.values()} == set(get_args(Checkout))
    assert {type(fact) for fact in EVERY_FACT} == set(get_args(CheckoutEvent))
    assert {type(command) for command in (*COMMANDS, *BY_HAND)} == set(get_args(CheckoutCommand))


@in_every_state
def test_no_fact_is_refused(state: Checkout) -> None:
    for fact in EVERY_FACT:
        assert isinstance(CHECKOUT.evolve(state, fact), get_args(Checkout))


@in_every_state
def test_no_fact_changes_an_end(state: Checkout) -> None:
    if isinstance(state, Succeeded | Failed):
        assert {CHECKOUT.evolve(state, fact) for fact in EVERY_FACT} == {state}


@in_every_state
def test_nothing_but_a_start_begins_and_only_once(state: Checkout) -> None:
    if isinstance(state, NotStarted):
        begun = [fact for fact in EVERY_FACT if CHECKOUT.evolve(state, fact) != state]
        assert begun == [INITIATED]
    else:
        assert CHECKOUT.evolve(state, INITIATED) == state


@in_every_state
def test_a_failing_checkout_only_releases_fails_or_waits_for_a_person(state: Checkout) -> None:
    if isinstance(state, Compensating | CompensationStuck):
        for fact in EVERY_FACT:
            after = CHECKOUT.evolve(state, fact)
            assert isinstance(after, Compensating | CompensationStuck | Failed)
            assert after.failure == state.failure, "the first reason stands"


@in_every_state
def test_every_answer_moves_the_checkout_on_and_is_given_once(state: Checkout) -> None:
    for command in COMMANDS:
        answer = CHECKOUT.decide(command, state)
        for number, fact in enumerate(answer):
            before = CHECKOUT.fold(answer[:number], state)
            assert CHECKOUT.evolve(before, fact) != before, (command, fact)
        assert not answer or CHECKOUT.decide(command, CHECKOUT.fold(answer, state)) == []


@in_every_state
def test_an_ended_checkout_answers_nothing(state: Checkout) -> None:
    if isinstance(state, Succeeded | Failed):
        assert [CHECKOUT.decide(command, state) for command in COMMANDS] == [[]] * len(COMMANDS)


@in_every_state
def test_a_person_is_told_of_an_end_and_else_answered_with_who_and_why(state: Checkout) -> None:
    for command in BY_HAND:
        if isinstance(state, Succeeded | Failed):
            with pytest.raises(CheckoutEnded):
                CHECKOUT.decide(command, state)
        elif isinstance(state, Compensating | CompensationStuck) and isinstance(command, PostponeDeadline):
            with pytest.raises(CheckoutFailing):
                CHECKOUT.decide(command, state)
        else:
            said = CHECKOUT.decide(command, state)[:1]
            assert [(getattr(fact, "actor", None), getattr(fact, "reason", None)) for fact in said] in (
                [],
                [("ada", command.reason)],
            )


@in_every_state
def test_an_answer_is_about_the_checkout_and_the_client_it_was_asked_about(state: Checkout) -> None:
    for command in COMMANDS:
        for fact in CHECKOUT.decide(command, state):
            assert (fact.checkout_id, fact.client_id) == (ID, WHO)


@given(st.lists(st.sampled_from(EVERY_FACT), max_size=30))
@settings(max_examples=40, deadline=None)
def test_any_sequence_of_facts_folds_and_never_leaves_an_end(facts: list[CheckoutEvent]) -> None:
    state: Checkout = CHECKOUT.initial
    for fact in facts:
        after = CHECKOUT.evolve(state, fact)
        assert not isinstance(state, Succeeded | Failed) or after == state
        assert isinstance(state, NotStarted) or not isinstance(after, NotStarted)
        state = after


@given(st.lists(st.sampled_from(COMMANDS), max_size=30))
@settings(max_examples=40, deadline=None)
def test_whatever_is_asked_in_whatever_order_it_ends_once_at_most(
    commands: list[CheckoutCommand],
) -> None:
    facts: list[CheckoutEvent] = []
    for command in commands:
        facts += CHECKOUT.decide(command, CHECKOUT.fold(facts))
    ends = [fact for fact in facts if isinstance(fact, END_FACTS)]
    assert len(ends) <= 1
    assert not ends or facts[-1] is ends[0]
    stated = [type(fact) for fact in facts if type(fact) in STATED_ONCE]
    assert len(set(stated)) == len(stated), "no outcome is stated twice"


def test_the_first_outcome_stands_whichever_it_is() -> None:
    held = CHECKOUT.fold([INITIATED, RESERVED])
    short = CHECKOUT.fold([INITIATED, NOT_RESERVED])
    assert CHECKOUT.evolve(held, NOT_RESERVED) == held
    assert CHECKOUT.evolve(short, RESERVED) == short


def test_a_second_start_with_another_cart_changes_nothing() -> None:
    other = attrs.evolve(INITIATED, client_id="client-2", cart=attrs.evolve(CART, lines=CART.lines[:1]))
    assert CHECKOUT.fold([INITIATED, other]) == CHECKOUT.fold([INITIATED])
