"""Step: keep the orders-by-client read model."""

from collections.abc import Sequence
from typing import assert_never

from application.delivery import Delivery
from application.handler import Failures
from application.ports.event_store import EventReader
from application.ports.read_model import OrderRow, OrderStatus, ReadModel
from application.recorded_event import RecordedEvent
from application.saga_step import checkout_facts, open_all
from application.streams import CHECKOUTS
from domain.checkout.checkout import CHECKOUT
from domain.checkout.events import CheckoutFailed, CheckoutSucceeded
from domain.checkout.states import Failed, Ordered, Succeeded
from domain.order.events import OrderCreated


class ProjectOrders:
    """A row is folded from the checkout's whole history, so deliveries may come twice, late and in any
    order. Facts that cannot change a row are dropped unopened."""

    types: frozenset[str] | None = frozenset(
        fact.__name__ for fact in (OrderCreated, CheckoutSucceeded, CheckoutFailed)
    )

    def __init__(self, store: EventReader, read_model: ReadModel) -> None:
        self._store = store
        self._read_model = read_model

    def handle(self, deliveries: Sequence[Delivery]) -> Failures:
        failures: Failures = {}
        entities = list(dict.fromkeys(o.event.entity for o in open_all(deliveries, failures)))
        histories = self._store.read(CHECKOUTS, entities) if entities else []
        rows = [row for history in histories if (row := order_row(history))]
        if rows:
            self._read_model.apply(rows)
        return failures

    def tick(self) -> None:
        """Time alone changes no row."""


def order_row(history: Sequence[RecordedEvent]) -> OrderRow | None:
    """What the client sees of a checkout; None while it has neither an order nor failed."""
    if not history:
        return None
    checkout = CHECKOUT.fold(checkout_facts(history))
    if not isinstance(checkout, Ordered | Succeeded | Failed):
        return None
    return OrderRow(
        checkout_id=checkout.checkout_id,
        client_id=checkout.client_id,
        status=_status(checkout),
        version=len(history),
        started_position=history[0].position,
        updated_at_s=history[-1].emitted_at_s,
        commande_id=None if isinstance(checkout, Failed) else checkout.commande_id,
        total=checkout.cart.total,
        reason=checkout.failure.reason if isinstance(checkout, Failed) else None,
    )


def _status(checkout: Ordered | Succeeded | Failed) -> OrderStatus:
    match checkout:
        case Ordered():
            return "created"
        case Succeeded():
            return "succeeded"
        case Failed():
            return "failed"
        case _:
            assert_never(checkout)
