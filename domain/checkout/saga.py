"""The checkout saga as data: which fact wakes which step, in which group, and what the step may answer.

There is no conductor. Each step reacts to facts on the stream and adds its own; workers, documents,
metrics and screens all read this table.
"""

from typing import Final

import attrs

from domain.checkout.events import (
    CheckoutCancelled,
    CheckoutDeadlineExpired,
    CheckoutEvent,
    CheckoutFailed,
    CheckoutInitiated,
    CheckoutResolved,
    CheckoutSucceeded,
    CompensationFailed,
    CompensationForced,
    DeadlinePostponed,
    StepRetried,
    StockReleased,
    StockReservationFailed,
    StockReserved,
)
from domain.order.events import OrderCreated, OrderCreationFailed

ALL_FACTS: Final[tuple[type[CheckoutEvent], ...]] = (
    CheckoutInitiated,
    StockReserved,
    StockReservationFailed,
    OrderCreated,
    OrderCreationFailed,
    StockReleased,
    CheckoutDeadlineExpired,
    CompensationFailed,
    CheckoutCancelled,
    StepRetried,
    CompensationForced,
    CheckoutResolved,
    DeadlinePostponed,
    CheckoutSucceeded,
    CheckoutFailed,
)

STOCK_RESERVATION: Final = "stock-reservation"
ORDER_CREATION: Final = "order-creation"
STOCK_COMPENSATION: Final = "stock-compensation"
DEADLINE: Final = "deadline"
CQRS_PROJECTION: Final = "cqrs-projection"
NOTIFICATION: Final = "notification"
AUDIT: Final = "audit"


@attrs.frozen(kw_only=True)
class Step:
    """One row: `worker` reads the stream in `group`, wakes `on` some facts and may answer with others.

    `sign` is a letter that the ids of its answers have, for ever: another one would let it answer twice.
    """

    worker: str
    group: str
    does: str
    on: tuple[type[CheckoutEvent], ...]
    answers: tuple[type[CheckoutEvent], ...] = ()
    sign: str = ""


SAGA: Final[tuple[Step, ...]] = (
    Step(
        worker=STOCK_RESERVATION,
        group="checkout-reservation",
        does="reserve every line or none",
        on=(CheckoutInitiated, StepRetried),
        answers=(StockReserved, StockReservationFailed),
        sign="r",
    ),
    Step(
        worker=ORDER_CREATION,
        group="checkout-order",
        does="create the order",
        on=(StockReserved, StepRetried),
        answers=(OrderCreated, CheckoutSucceeded, OrderCreationFailed),
        sign="o",
    ),
    Step(
        worker=STOCK_COMPENSATION,
        group="checkout-compensation",
        does="give back what was taken",
        on=(
            StockReservationFailed,
            OrderCreationFailed,
            CheckoutDeadlineExpired,
            CheckoutCancelled,
            CompensationForced,
            CheckoutResolved,
            StepRetried,
        ),
        answers=(StockReleased, CheckoutFailed, CompensationFailed),
        sign="c",
    ),
    Step(
        worker=DEADLINE,
        group="checkout-deadline",
        does="end a checkout that has not ended in time",
        on=(CheckoutInitiated, DeadlinePostponed, CheckoutSucceeded, CheckoutFailed),
        answers=(CheckoutDeadlineExpired,),
        sign="d",
    ),
    Step(
        worker=CQRS_PROJECTION,
        group="checkout-cqrs",
        does="keep the orders-by-client read model",
        # StockReleased changes no row. But it wakes no other step, and what another program wrote joins its
        # checkout's history by waking one.
        on=(OrderCreated, StockReleased, CheckoutSucceeded, CheckoutFailed),
    ),
    Step(
        worker=NOTIFICATION,
        group="checkout-notification",
        does="tell the client",
        on=(CheckoutSucceeded, CheckoutFailed),
    ),
    Step(
        worker=AUDIT,
        group="checkout-audit",
        does="keep the audit trail",
        on=ALL_FACTS,
    ),
)

STEPS: Final[dict[str, Step]] = {step.worker: step for step in SAGA}
"""The table by worker name."""

AWAITED: Final = frozenset({STOCK_RESERVATION, ORDER_CREATION, STOCK_COMPENSATION})
"""The workers that a checkout's end may wait for. The others look on, and may let events gather."""
