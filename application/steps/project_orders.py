"""Step: keep the orders-by-client read model."""

from collections.abc import Sequence

from application.events.checkout_history import stages
from application.events.recorded_event import RecordedEvent
from application.events.streams import CHECKOUTS
from application.ports.delivery import Delivery
from application.ports.event_store import EventReader
from application.ports.read_model import OrderRow, ReadModel
from application.steps.saga_step import open_all
from application.worker.handler import Failures
from domain.checkout.checkout import CHECKOUT
from domain.checkout.events import CheckoutSucceeded
from domain.checkout.saga import CQRS_PROJECTION, STEPS
from domain.checkout.states import Failed, Ordered, Succeeded
from domain.order.events import OrderCreated


class ProjectOrders:
    """A row is folded from the checkout's whole history, so deliveries may come twice, late and in any
    order."""

    types: frozenset[str] | None = frozenset(fact.__name__ for fact in STEPS[CQRS_PROJECTION].on)

    def __init__(self, store: EventReader, read_model: ReadModel) -> None:
        self._store = store
        self._read_model = read_model

    def handle(self, deliveries: Sequence[Delivery]) -> Failures:
        failures: Failures = {}
        batch: dict[str, list[RecordedEvent]] = {}
        for opened in open_all(deliveries, failures):
            batch.setdefault(opened.event.entity, []).append(opened.event)
        rows = {entity: row for entity, facts in batch.items() if (row := row_told_by(facts))}
        untold = [entity for entity in batch if entity not in rows]
        histories = self._store.read(CHECKOUTS, untold) if untold else []
        read = [row for history in histories if (row := order_row(history))]
        self._read_model.apply([*rows.values(), *read])
        return failures

    def tick(self) -> None:
        """Time alone changes no row."""

    def give_up(self, delivery: Delivery, reason: str) -> None:
        """Nobody needs to be told beyond the dead letter."""


def row_told_by(facts: Sequence[RecordedEvent]) -> OrderRow | None:
    """The row that an order and its success, handed out together, tell without the history. Our own
    worker writes the two together, so that this is nearly always all."""
    match [(recorded.event, recorded) for recorded in facts]:
        case [(OrderCreated() as order, first), (CheckoutSucceeded() as end, last)] if (
            last.version == first.version + 1
            and order.total is not None
            and order.commande_id == end.commande_id
            and first.causation_id is not None  # not another program's, which may not fit the history
        ):
            return OrderRow(
                checkout_id=order.checkout_id,
                client_id=order.client_id,
                status="succeeded",
                version=last.version,
                position=first.position,
                updated_at_s=last.emitted_at_s,
                commande_id=order.commande_id,
                total=order.total,
            )
        case _:
            return None


def order_row(history: Sequence[RecordedEvent]) -> OrderRow | None:
    """What the client sees of a checkout; None while it has neither an order nor failed."""
    checkout = CHECKOUT.initial
    position: str | None = None
    for recorded, checkout in stages(history):
        if position is None and isinstance(checkout, Ordered | Succeeded | Failed):
            position = recorded.position
    if position is None or not isinstance(checkout, Ordered | Succeeded | Failed):
        return None
    failed = isinstance(checkout, Failed)
    return OrderRow(
        checkout_id=checkout.checkout_id,
        client_id=checkout.client_id,
        status="created" if isinstance(checkout, Ordered) else "failed" if failed else "succeeded",
        version=len(history),
        position=position,
        updated_at_s=history[-1].emitted_at_s,
        commande_id=None if isinstance(checkout, Failed) else checkout.commande_id,
        total=checkout.cart.total,
        reason=checkout.failure.reason if isinstance(checkout, Failed) else None,
    )
