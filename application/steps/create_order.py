"""Step: on StockReserved, create the order and end the checkout."""

from collections.abc import Mapping, Sequence

from application.ports.event_store import EventStore
from application.steps.order_keeping import OrderKeeper
from application.steps.saga_step import Case, SagaStep
from domain.checkout.commands import CheckoutCommand
from domain.checkout.saga import ORDER_CREATION, STEPS


class CreateOrder(SagaStep):
    """The order and the end are appended together or not at all. What was entered elsewhere for a checkout
    that has failed in the meantime is undone by the compensation."""

    def __init__(self, store: EventStore, orders: OrderKeeper) -> None:
        super().__init__(store, STEPS[ORDER_CREATION])
        self._orders = orders

    def tick(self) -> None:
        self._orders.tick()

    def commands(self, cases: Sequence[Case]) -> Mapping[str, CheckoutCommand | Exception]:
        return self._orders.enter(cases)
