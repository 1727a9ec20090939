"""How the steps enter orders, whoever keeps them: the checkouts themselves or another service."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from application.steps.holds import Demand
from application.steps.saga_step import Case
from domain.checkout.commands import ConcludeOrder


class OrderKeeper(Protocol):
    """Asked as often as a step is woken: an order that was entered or undone before must not be so again.

    An exception says why something is not known: `AwaitsOperator`, or whatever may be over when it is asked
    again.
    """

    def enter(self, cases: Sequence[Case]) -> Mapping[str, ConcludeOrder | Exception]:
        """Enter the order of each checkout that waits for one, or be refused; what to tell each."""

    def undo(self, demands: Sequence[Demand]) -> Mapping[str, Exception]:
        """Undo whatever was entered for these checkouts, and see to it that nothing will be later. Those of
        which that is not known to be so."""

    def tick(self) -> None:
        """Called often, for what could not be finished before."""


class OwnOrders(OrderKeeper):
    """An order is a fact of its checkout: it is entered when the checkout is told, and then stands."""

    def __init__(self, *, total_max: Decimal) -> None:
        self._command = ConcludeOrder(total_max=total_max)

    def enter(self, cases: Sequence[Case]) -> Mapping[str, ConcludeOrder]:
        return {case.cause.entity: self._command for case in cases}

    def undo(self, demands: Sequence[Demand]) -> Mapping[str, Exception]:  # noqa: ARG002 - nothing was entered
        return {}

    def tick(self) -> None:
        """Everything is finished when it is asked for."""
