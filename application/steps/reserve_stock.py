"""Step: on CheckoutInitiated, reserve every line or none."""

from collections.abc import Mapping, Sequence
from typing import Final

from application.ports.event_store import EventStore
from application.steps.holds import Holds, demand_of
from application.steps.saga_step import Case, SagaStep
from domain.checkout.checkout import units_to_give_back, units_wanted
from domain.checkout.commands import CheckoutCommand, ConfirmStock
from domain.checkout.saga import STEPS, STOCK_RESERVATION

_SETTLED_BEFORE: Final = ConfirmStock()


class ReserveStock(SagaStep):
    """Stock is taken before its fact is appended. Should the checkout have failed in the meantime (its
    deadline, say), the append conflicts, the case comes back as failed, and the stock is given back."""

    def __init__(self, store: EventStore, holds: Holds) -> None:
        super().__init__(store, STEPS[STOCK_RESERVATION])
        self._holds = holds

    def tick(self) -> None:
        self._holds.tick()

    def commands(self, cases: Sequence[Case]) -> Mapping[str, CheckoutCommand | Exception]:
        released = self._holds.release(
            [demand_of(case, units) for case in cases if (units := units_to_give_back(case.checkout))]
        )
        held = self._holds.hold(
            [demand_of(case, units) for case in cases if (units := units_wanted(case.checkout))]
        )
        not_yet = {id_: answer for id_, answer in released.items() if isinstance(answer, Exception)}
        answers: Mapping[str, ConfirmStock | Exception] = {**not_yet, **held}
        return {case.cause.entity: answers.get(case.cause.entity, _SETTLED_BEFORE) for case in cases}
