"""Step: on StockReserved, create the order and end the checkout."""

from collections.abc import Sequence
from decimal import Decimal

from application.ports.event_store import EventStore
from application.saga_step import Case, SagaStep
from domain.checkout.commands import CheckoutCommand, ConcludeOrder
from domain.checkout.saga import ORDER_CREATION, STEPS


class CreateOrder(SagaStep):
    """An order is a fact of its checkout, so it and the end are appended together or not at all."""

    def __init__(self, store: EventStore, *, total_max: Decimal) -> None:
        super().__init__(store, STEPS[ORDER_CREATION])
        self._command = ConcludeOrder(total_max=total_max)

    def commands(self, cases: Sequence[Case]) -> dict[str, CheckoutCommand]:
        return {case.cause.entity: self._command for case in cases}
