"""How the steps hold stock for checkouts, whoever keeps it: our own inventory or another."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import attrs

from application.events.origin import NO_ORIGIN, Origin
from application.steps.saga_step import Case
from domain.checkout.commands import ConcludeFailure, ConfirmStock


@attrs.frozen(kw_only=True)
class Demand:
    """What a checkout wants of the inventory: product id -> units."""

    checkout_id: str
    start_id: str
    units: Mapping[str, int]
    origin: Origin = NO_ORIGIN


def demand_of(case: Case, units: Mapping[str, int]) -> Demand:
    """What the checkout of `case` wants, on behalf of whoever began what woke the step."""
    return Demand(
        checkout_id=case.cause.entity, start_id=case.start_id, units=units, origin=case.cause.origin
    )


class Holds(Protocol):
    """Asked as often as a step is woken: what was held or given back before must not be so again.

    Both say of each demand, by its checkout's id, what to tell the checkout, or why that is not known:
    `AwaitsOperator`, or whatever may be over when it is asked again. Both may raise `Unavailable`, where none
    of the demands could be settled.
    """

    def hold(self, demands: Sequence[Demand]) -> Mapping[str, ConfirmStock | Exception]:
        """Hold every product that each checkout wants, or be refused."""

    def release(self, demands: Sequence[Demand]) -> Mapping[str, ConcludeFailure | Exception]:
        """Give back whatever is held for these checkouts, and see to it that nothing will be held for them
        later, by a consumer that wakes up when all is over."""

    def tick(self) -> None:
        """Called often, for what could not be finished before."""
