"""The calls of one checkout: who may make one, and what stands of what is said about it."""

from typing import Final

import pytest

from domain.calls.commands import Close, Intend, NotInDoubt, Report, Settle, UnknownCall
from domain.calls.events import (
    CallDone,
    CallInDoubt,
    CallIntended,
    CallNotMade,
    CallOutcome,
    CallRefused,
    CallsClosed,
    CallUnanswered,
    DoubtSettled,
)
from domain.calls.ledger import CALLS
from domain.calls.states import Done, InDoubt, NotMade, Refused, Standing, Unanswered, WantedCall
from domain.errors import InvalidValue
from tests.each_row import each_row
from tests.given import given

ID: Final = "c-1"
WANTED: Final = WantedCall(operation="take", line=1, key="k", produit_id="pencil", units=2)
SALE: Final = WantedCall(operation="enter", line=1, key="s", produit_id="pencil", units=2, client_id="ada")
TAKE: Final = Intend(checkout_id=ID, wanted=WANTED)
TAKE_AGAIN: Final = Intend(checkout_id=ID, wanted=WANTED, again=True)
CLOSED: Final = CallsClosed(checkout_id=ID)


def intended(attempt: int = 1, wanted: WantedCall = WANTED) -> CallIntended:
    return CallIntended(
        checkout_id=ID,
        call=wanted.name,
        attempt=attempt,
        operation=wanted.operation,
        key=wanted.key,
        produit_id=wanted.produit_id,
        units=wanted.units,
        client_id=wanted.client_id,
    )


def of(outcome: type[CallOutcome], *, attempt: int = 1, call: str = "take-1", **data: str) -> CallOutcome:
    """`outcome` of an attempt; with a reason where it has one."""
    reason = {} if outcome is CallDone else {"reason": "so it was"}
    return outcome(checkout_id=ID, call=call, attempt=attempt, **reason, **data)


def settle(happened: bool, *, call: str = "take-1", vente_id: str | None = None) -> Settle:
    return Settle(checkout_id=ID, call=call, happened=happened, actor="ada", reason="seen", vente_id=vente_id)


def settled(happened: bool, *, call: str = "take-1", vente_id: str | None = None) -> DoubtSettled:
    return DoubtSettled(
        checkout_id=ID,
        call=call,
        attempt=1,
        happened=happened,
        actor="ada",
        reason="seen",
        vente_id=vente_id,
    )


DONE, REFUSED, NOT_MADE = of(CallDone), of(CallRefused), of(CallNotMade)
UNANSWERED, DOUBTFUL = of(CallUnanswered), of(CallInDoubt)


def test_a_call_is_intended_before_it_is_made() -> None:
    given(CALLS).when(TAKE).then(intended())


@each_row("after", [(), (DONE,), (REFUSED,), (UNANSWERED,), (DOUBTFUL,), (settled(True),)])
def test_a_call_that_may_have_happened_or_never_will_is_not_made_again(
    after: tuple[CallOutcome, ...],
) -> None:
    given(CALLS, intended(), *after[:1]).when(TAKE).then()


def test_a_call_that_had_no_effect_is_made_again_as_its_next_attempt() -> None:
    given(CALLS, intended(), NOT_MADE).when(TAKE).then(intended(2))
    given(CALLS, intended(), DOUBTFUL, settled(False)).when(TAKE).then(intended(2))


@pytest.mark.parametrize("after", [(), (UNANSWERED,), (REFUSED,)])
def test_whoever_knows_that_it_is_safe_makes_it_again(after: tuple[CallOutcome, ...]) -> None:
    given(CALLS, intended(), *after).when(TAKE_AGAIN).then(intended(2))


@pytest.mark.parametrize("after", [(DONE,), (DOUBTFUL,)])
def test_nobody_repeats_what_was_done_or_is_in_doubt(after: tuple[CallOutcome, ...]) -> None:
    given(CALLS, intended(), *after).when(TAKE_AGAIN).then()


def test_once_closed_nothing_new_is_taken() -> None:
    given(CALLS, CLOSED).when(TAKE).then()
    given(CALLS, intended(), NOT_MADE, CLOSED).when(TAKE_AGAIN).then()
    given(CALLS, intended(), REFUSED, CLOSED).when(TAKE_AGAIN).then()


def test_once_closed_a_call_is_repeated_to_learn_what_became_of_it() -> None:
    given(CALLS, intended(), CLOSED).when(TAKE_AGAIN).then(intended(2))


def test_once_closed_what_was_taken_is_given_back() -> None:
    back = WantedCall(operation="give-back", line=1, key="b", produit_id="pencil", units=2)
    given(CALLS, CLOSED).when(Intend(checkout_id=ID, wanted=back)).then(intended(wanted=back))


def test_closing_twice_is_closing_once() -> None:
    given(CALLS).when(Close(ID)).then(CLOSED)
    given(CALLS, CLOSED).when(Close(ID)).then()


@each_row("outcome", [DONE, REFUSED, NOT_MADE, UNANSWERED, DOUBTFUL])
def test_what_became_of_a_call_is_noted_once(outcome: CallOutcome) -> None:
    given(CALLS, intended()).when(Report(outcome)).then(outcome)
    given(CALLS, intended(), outcome).when(Report(outcome)).then()


@pytest.mark.parametrize(
    ("late", "standing"),
    [(DONE, Done()), (REFUSED, Refused("so it was")), (NOT_MADE, NotMade(reason="so it was"))],
)
def test_a_late_answer_settles_the_doubt(late: CallOutcome, standing: Standing) -> None:
    before = given(CALLS, intended(), DOUBTFUL)
    before.when(Report(late)).then(late)
    assert CALLS.evolve(before.state, late).calls["take-1"].standing == standing


@pytest.mark.parametrize("said", [True, False])
def test_the_service_is_believed_before_a_person(said: bool) -> None:
    after = given(CALLS, intended(), DOUBTFUL, settled(said))
    after.when(Report(DONE)).then(DONE)
    assert CALLS.evolve(after.state, DONE).calls["take-1"].standing == Done()


def test_a_person_is_believed_before_a_new_doubt() -> None:
    given(CALLS, intended(), DOUBTFUL, settled(True)).when(Report(DOUBTFUL)).then()


def test_one_that_happened_twice_because_a_person_was_wrong_is_counted() -> None:
    after = given(CALLS, intended(), DOUBTFUL, settled(False), intended(2), of(CallDone, attempt=2), DONE)
    assert after.state.calls["take-1"].surplus == 1
    assert after.state.calls["take-1"].standing == Done()


def test_an_unanswered_call_comes_into_doubt_where_the_service_forgets_keys() -> None:
    after = given(CALLS, intended(), UNANSWERED)
    assert after.state.calls["take-1"].standing == Unanswered("so it was")
    after.when(Report(DOUBTFUL)).then(DOUBTFUL)


@pytest.mark.parametrize("happened", [True, False])
def test_a_person_settles_a_doubt_once(happened: bool) -> None:
    doubt = given(CALLS, intended(), DOUBTFUL)
    assert [call.standing for call in doubt.state.in_doubt()] == [InDoubt("so it was")]
    doubt.when(settle(happened)).then(settled(happened))
    given(CALLS, intended(), DOUBTFUL, settled(happened)).when(settle(happened)).then()


@each_row(
    ("facts", "standing"),
    [
        ((), "under way"),
        ((DONE,), "done"),
        ((REFUSED,), "refused"),
        ((NOT_MADE,), "not made"),
        ((UNANSWERED,), "unanswered"),
        ((DOUBTFUL, settled(True)), "done"),
    ],
)
def test_what_is_not_in_doubt_cannot_be_decided(facts: tuple[CallOutcome, ...], standing: str) -> None:
    given(CALLS, intended(), *facts).when(settle(False)).then_refused(NotInDoubt("take-1", standing))


def test_a_call_that_was_never_meant_cannot_be_decided() -> None:
    given(CALLS).when(settle(True)).then_refused(UnknownCall(ID, "take-1"))


def test_a_sale_that_happened_has_an_id_and_nothing_else_has() -> None:
    sale = (intended(wanted=SALE), of(CallInDoubt, call="enter-1"))
    given(CALLS, *sale).when(settle(True, call="enter-1", vente_id="v")).then(
        settled(True, call="enter-1", vente_id="v")
    )
    required = InvalidValue("vente_id", "is required: the service's id of the sale")
    given(CALLS, *sale).when(settle(True, call="enter-1")).then_refused(required)
    too_much = InvalidValue("vente_id", "belongs to a sale that happened")
    given(CALLS, *sale).when(settle(False, call="enter-1", vente_id="v")).then_refused(too_much)
    given(CALLS, intended(), DOUBTFUL).when(settle(True, vente_id="v")).then_refused(too_much)


def test_a_repetition_that_was_not_made_leaves_it_open_what_became_of_the_call() -> None:
    after = given(CALLS, intended(), UNANSWERED, intended(2), of(CallNotMade, attempt=2))
    assert after.state.calls["take-1"].standing == Unanswered("so it was")
    after.when(Report(of(CallInDoubt, attempt=2))).then(of(CallInDoubt, attempt=2))


def test_the_late_answer_to_a_call_that_was_repeated_is_its_answer() -> None:
    for later in ((), (of(CallDone, attempt=2),), (of(CallNotMade, attempt=2),)):
        call = given(CALLS, intended(), UNANSWERED, intended(2), *later, DONE).state.calls["take-1"]
        assert (call.standing, call.surplus) == (Done(), 0)


def test_one_that_happened_although_a_person_said_no_is_done_where_it_was_not_made_again() -> None:
    after = given(CALLS, intended(), DOUBTFUL, settled(False), intended(2), of(CallNotMade, attempt=2), DONE)
    call = after.state.calls["take-1"]
    assert (call.standing, call.surplus) == (Done(), 0)
