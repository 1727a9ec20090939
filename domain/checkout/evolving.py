"""What a checkout becomes with each fact."""

from typing import Any, Final, assert_never

import attrs

from domain.checkout import saga
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
from domain.checkout.states import (
    Checkout,
    Compensating,
    CompensationStuck,
    Deadline,
    Failed,
    Failing,
    Failure,
    Initiated,
    NotStarted,
    Open,
    Ordered,
    StockHeld,
    Succeeded,
)
from domain.order.events import OrderCreated, OrderCreationFailed

CANCELLATION: Final = "cancellation"
OPERATOR: Final = "operator"
"""Sources of failures that are no worker's. An operator is also who a checkout may wait for."""


def evolve(checkout: Checkout, event: CheckoutEvent) -> Checkout:
    """`checkout` after `event`. A fact that does not fit is kept on the stream and changes nothing:
    the first outcome stands, and no fact follows an end."""
    if isinstance(event, CheckoutInitiated):
        if not isinstance(checkout, NotStarted):
            return checkout
        return Initiated(checkout_id=event.checkout_id, client_id=event.client_id, cart=event.cart)
    match checkout:
        case Initiated() | StockHeld() | Ordered():
            return _evolve_open(checkout, event)
        case Compensating() | CompensationStuck():
            return _evolve_failing(checkout, event)
        case NotStarted() | Succeeded() | Failed():
            return checkout
        case _:
            assert_never(checkout)


def _evolve_open(checkout: Open, event: CheckoutEvent) -> Checkout:
    match event, checkout:
        case StockReserved(), Initiated():
            return StockHeld(**_open(checkout))
        case OrderCreated(), StockHeld():
            return Ordered(**_open(checkout), commande_id=event.commande_id)
        case CheckoutSucceeded(), _:
            return Succeeded(
                checkout_id=checkout.checkout_id,
                client_id=checkout.client_id,
                cart=checkout.cart,
                commande_id=event.commande_id,
            )
        case DeadlinePostponed(expires_at_s=expires_at_s), _:
            return attrs.evolve(checkout, deadline=Deadline(expires_at_s=expires_at_s))
        case CheckoutFailed(), _:
            source = event.source or "unknown"
            failure = Failure(source=source, reason=event.reason, shortages=event.shortages)
            return Failed(**_shared(_failing(checkout, failure)))
        case _:
            failure_or_none = _failure(checkout, event)
            return checkout if failure_or_none is None else _failing(checkout, failure_or_none)


def _failure(checkout: Open, event: CheckoutEvent) -> Failure | None:
    """Why `event` makes an open checkout fail; None where it does not."""
    match event, checkout:
        case StockReservationFailed(), Initiated():
            return Failure(source=saga.STOCK_RESERVATION, reason=event.reason, shortages=event.shortages)
        case OrderCreationFailed(), StockHeld():
            return Failure(source=saga.ORDER_CREATION, reason=event.reason)
        case CheckoutDeadlineExpired(), _:
            return Failure(source=saga.DEADLINE, reason=event.reason)
        case CheckoutCancelled(), _:
            return Failure(source=CANCELLATION, reason=f"cancelled: {event.reason}")
        case CompensationForced(), _:
            return Failure(source=OPERATOR, reason=event.reason)
        case CheckoutResolved(), _:
            return Failure(source=OPERATOR, reason=f"resolved by hand: {event.reason}")
        case _:
            return None


def _evolve_failing(checkout: Failing, event: CheckoutEvent) -> Checkout:
    match event, checkout:
        case StockReleased(), _:
            return attrs.evolve(checkout, stock_released=True)
        case CompensationFailed(), Compensating():
            return CompensationStuck(**_shared(checkout), stuck_because=event.reason)
        case CompensationForced() | StepRetried(), CompensationStuck():
            return Compensating(**_shared(checkout))
        case CheckoutFailed(), _:
            return Failed(**_shared(checkout))
        case _:
            return checkout


def _failing(checkout: Open, failure: Failure) -> Compensating:
    return Compensating(
        checkout_id=checkout.checkout_id,
        client_id=checkout.client_id,
        cart=checkout.cart,
        failure=failure,
        stock_reserved=not isinstance(checkout, Initiated),
    )


def _open(checkout: Initiated | StockHeld) -> dict[str, Any]:
    """What stays while a checkout goes on."""
    return {
        "checkout_id": checkout.checkout_id,
        "client_id": checkout.client_id,
        "cart": checkout.cart,
        "deadline": checkout.deadline,
    }


def _shared(checkout: Failing) -> dict[str, Any]:
    """What stays while a checkout fails."""
    return {
        "checkout_id": checkout.checkout_id,
        "client_id": checkout.client_id,
        "cart": checkout.cart,
        "failure": checkout.failure,
        "stock_reserved": checkout.stock_reserved,
        "stock_released": checkout.stock_released,
    }
