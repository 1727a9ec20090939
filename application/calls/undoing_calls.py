"""Giving back what a checkout took from an existing service, call by call."""

from collections.abc import Callable

from application.calls.calls_at_once import Troubles
from application.calls.checkout_calls import CheckoutCalls
from application.ports.errors import Unavailable
from domain.calls.events import Operation
from domain.calls.states import Call, Done, InDoubt, Refused, Standing, WantedCall, doubt_told

Make = Callable[[WantedCall, bool], Standing | None]
"""Makes a call; with True, also one that was refused before."""


def undo(
    calls: CheckoutCalls, operation: Operation, make: Make, undoing: Callable[[Call, Done], WantedCall]
) -> list[Call]:
    """Undo every call that did `operation` and happened; those calls.

    First nothing more may be begun, then it is found out what became of each. Trouble with one keeps no other
    from being undone.

    Raises:
        Unavailable: ask again later.
        AwaitsOperator: a person must look at one of them.
    """
    calls.close()
    troubles = Troubles()
    undone = []
    for call in calls.ledger.of(operation):
        try:
            match make(call.wanted, False):
                case InDoubt(reason):
                    troubles.person(doubt_told(call.wanted.name, reason))
                case Done() as done:
                    _undo_one(undoing(call, done), make, troubles)
                    undone.append(call)
        except Unavailable as error:
            troubles.later(error)
    troubles.tell()
    return undone


def _undo_one(back: WantedCall, make: Make, troubles: Troubles) -> None:
    match make(back, True):
        case InDoubt(reason):
            troubles.person(doubt_told(back.name, reason))
        case Refused(reason):
            troubles.person(f"{back.name} was refused: {reason}")
