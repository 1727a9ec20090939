"""What the calls of a checkout answer to a command."""

from typing import assert_never

from domain.calls.commands import (
    CallCommand,
    Close,
    Intend,
    NotInDoubt,
    Report,
    Settle,
    UnknownCall,
)
from domain.calls.events import CallEvent, CallIntended, CallOutcome, CallsClosed, DoubtSettled
from domain.calls.evolving import evolve_call
from domain.calls.states import (
    TAKING,
    Call,
    CallLedger,
    Done,
    InDoubt,
    NotMade,
    Refused,
    Unanswered,
    UnderWay,
    standing_of,
)
from domain.errors import InvalidValue


def decide(command: CallCommand, ledger: CallLedger) -> list[CallEvent]:
    """Answer `command`; what is so already, or must not be, is answered with nothing.

    Raises:
        UnknownCall, NotInDoubt, InvalidValue: a person asks for what cannot be; steps are told nothing.
    """
    match command:
        case Intend():
            return _intend(command, ledger)
        case Report(outcome=outcome):
            return _report(outcome, ledger)
        case Settle():
            return _settle(command, ledger)
        case Close(checkout_id=checkout_id):
            return [] if ledger.closed else [CallsClosed(checkout_id=checkout_id)]
        case _:
            assert_never(command)


def _intend(command: Intend, ledger: CallLedger) -> list[CallEvent]:
    wanted = command.wanted
    known = ledger.calls.get(wanted.name)
    if not _may_be_made(known, command.again, is_closed=ledger.closed and wanted.operation in TAKING):
        return []
    return [
        CallIntended(
            checkout_id=command.checkout_id,
            call=wanted.name,
            attempt=known.attempt + 1 if known else 1,
            operation=wanted.operation,
            key=wanted.key,
            produit_id=wanted.produit_id,
            units=wanted.units,
            client_id=wanted.client_id,
            vente_id=wanted.vente_id,
        )
    ]


def _may_be_made(known: Call | None, again: bool, *, is_closed: bool) -> bool:
    """Once closed, a call is only repeated to learn what became of it."""
    match known.standing if known else None:
        case None | NotMade():
            return not is_closed
        case UnderWay() | Unanswered():
            return again
        case Refused():
            return again and not is_closed
        case _:
            return False


def _report(outcome: CallOutcome, ledger: CallLedger) -> list[CallEvent]:
    known = ledger.calls.get(outcome.call)
    if known is None:
        return []
    return [outcome] if evolve_call(known, outcome) != known else []


def _settle(command: Settle, ledger: CallLedger) -> list[CallEvent]:
    known = ledger.calls.get(command.call)
    if known is None:
        raise UnknownCall(command.checkout_id, command.call)
    is_sale = known.wanted.operation == "enter" and command.happened
    if is_sale != (command.vente_id is not None):
        rule = "is required: the service's id of the sale" if is_sale else "belongs to a sale that happened"
        raise InvalidValue("vente_id", rule)
    if is_settled_so(known, command):
        return []
    if not isinstance(known.standing, InDoubt):
        raise NotInDoubt(command.call, standing_of(known))
    return [
        DoubtSettled(
            checkout_id=command.checkout_id,
            call=command.call,
            attempt=known.attempt,
            happened=command.happened,
            vente_id=command.vente_id,
            actor=command.actor,
            reason=command.reason,
        )
    ]


def is_settled_so(call: Call, command: Settle) -> bool:
    """Whether a person has decided just that before."""
    match call.standing:
        case Done(by_hand=True, vente_id=vente_id):
            return command.happened and vente_id == command.vente_id
        case NotMade(by_hand=True):
            return not command.happened
        case _:
            return False
