"""Step: on a failure, give back what was taken and end the checkout."""

from collections.abc import Sequence

from application.ports.event_store import EventStore
from application.saga_step import Case, SagaStep
from application.stock_holds import Demand, StockHolds
from domain.checkout.checkout import CheckoutCommand, ConcludeFailure, units_to_give_back
from domain.checkout.events import CheckoutFailed
from domain.checkout.saga import STEPS, STOCK_COMPENSATION


class Compensate(SagaStep):
    """What was taken is looked up in the inventory, not believed from the checkout's facts: a
    reservation may have died between taking the stock and saying so.

    Beyond its row of the saga it also wakes on the end itself: another program may have failed a checkout
    that our inventory holds stock for, and nobody else would give that back.
    """

    def __init__(self, store: EventStore) -> None:
        super().__init__(store, STEPS[STOCK_COMPENSATION])
        self.types = frozenset(fact.__name__ for fact in (*self._step.on, CheckoutFailed))
        self._holds = StockHolds(store)

    def commands(self, cases: Sequence[Case]) -> dict[str, CheckoutCommand]:
        taken = self._holds.release(
            [
                Demand(checkout_id=case.cause.entity, start_id=case.start_id, units=units)
                for case in cases
                if not _is_our_end(case) and (units := units_to_give_back(case.checkout))
            ]
        )
        return {case.cause.entity: ConcludeFailure(gave_back=case.cause.entity in taken) for case in cases}


def _is_our_end(case: Case) -> bool:
    """Whether a step of ours woke this one by ending the checkout: it gave everything back before."""
    return isinstance(case.cause.event, CheckoutFailed) and case.cause.causation_id is not None
