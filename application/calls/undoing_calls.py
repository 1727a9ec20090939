"""Giving back what a checkout took from an existing service, call by call."""

from collections.abc import Callable

from application.calls.checkout_calls import CheckoutCalls
from application.ports.errors import Unavailable
from application.steps.saga_step import AwaitsOperator
from domain.calls.events import Operation
from domain.calls.states import Call, Done, InDoubt, Refused, Standing, WantedCall, doubt_told

Make = Callable[[WantedCall, bool], Standing | None]
"""Makes a call; with True, also one that was refused before."""


class _Troubles:
    """What went wrong with some calls of a checkout, while the others were made all the same."""

    def __init__(self) -> None:
        self._later: Unavailable | None = None
        self._doubts: list[str] = []

    def later(self, error: Unavailable) -> None:
        """Of this one more may be known when it is asked again."""
        self._later = self._later or error

    def person(self, why: str) -> None:
        """This one waits for a person."""
        self._doubts.append(why)

    def tell(self) -> None:
        """A person is asked only when nothing is left that can be done without.

        Raises:
            Unavailable, AwaitsOperator: there was trouble.
        """
        if self._later:
            raise self._later
        if self._doubts:
            raise AwaitsOperator("; ".join(self._doubts))


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
    troubles = _Troubles()
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


def _undo_one(back: WantedCall, make: Make, troubles: _Troubles) -> None:
    match make(back, True):
        case InDoubt(reason):
            troubles.person(doubt_told(back.name, reason))
        case Refused(reason):
            troubles.person(f"{back.name} was refused: {reason}")
