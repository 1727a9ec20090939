"""Step: on CheckoutInitiated, reserve every line or none on our own inventory."""

from collections.abc import Sequence

from application.ports.event_store import EventStore
from application.saga_step import Case, SagaStep
from application.stock_holds import StockHolds, demand_of
from domain.checkout.checkout import units_to_give_back, units_wanted
from domain.checkout.commands import CheckoutCommand, ConfirmStock
from domain.checkout.saga import STEPS, STOCK_RESERVATION


class ReserveStock(SagaStep):
    """Stock is taken before its fact is appended. Should the checkout have failed in the meantime (its
    deadline, say), the append conflicts, the case comes back as failed, and the stock is given back."""

    def __init__(self, store: EventStore) -> None:
        super().__init__(store, STEPS[STOCK_RESERVATION])
        self._holds = StockHolds(store)

    def commands(self, cases: Sequence[Case]) -> dict[str, CheckoutCommand]:
        self._holds.release(
            [demand_of(case, units) for case in cases if (units := units_to_give_back(case.checkout))]
        )
        shortages = self._holds.hold(
            [demand_of(case, units) for case in cases if (units := units_wanted(case.checkout))]
        )
        return {
            case.cause.entity: ConfirmStock(shortages=shortages.get(case.cause.entity, ())) for case in cases
        }
