"""The checkout aggregate: what it answers to each step, and what it becomes with each fact."""

from collections.abc import Mapping
from decimal import Decimal
from typing import assert_never

import attrs

from domain.cart import Cart
from domain.checkout import saga
from domain.checkout.events import (
    Address,
    CheckoutDeadlineExpired,
    CheckoutEvent,
    CheckoutFailed,
    CheckoutInitiated,
    CheckoutSucceeded,
    StockReleased,
    StockReservationFailed,
    StockReserved,
)
from domain.checkout.states import (
    Checkout,
    Compensating,
    Failed,
    Failure,
    Initiated,
    NotStarted,
    Ordered,
    StockHeld,
    Succeeded,
)
from domain.decider import Decider
from domain.errors import UnknownCheckout
from domain.inventory.reservation import Shortage
from domain.order.events import OrderCreated, OrderCreationFailed
from domain.order.order import ORDER, CreateOrder


@attrs.frozen(kw_only=True)
class StartCheckout:
    checkout_id: str
    client_id: str
    cart: Cart
    delivery_address: Address | None = None


@attrs.frozen(kw_only=True)
class ConfirmStock:
    """Tell the checkout how its reservation went: no shortage, and every line is held."""

    shortages: tuple[Shortage, ...] = ()


@attrs.frozen(kw_only=True)
class ConcludeOrder:
    """Create the order if its total is at most `total_max`, and end the checkout with it."""

    total_max: Decimal


@attrs.frozen(kw_only=True)
class ConcludeFailure:
    """End a failing checkout, now that nothing is held for it. `gave_back`: something had been."""

    gave_back: bool


@attrs.frozen
class Expire:
    """Time is up."""


CheckoutCommand = StartCheckout | ConfirmStock | ConcludeOrder | ConcludeFailure | Expire


def units_wanted(checkout: Checkout) -> Mapping[str, int]:
    """Product id -> units that a step should reserve for it now; empty once that is settled."""
    return checkout.cart.units_by_product() if isinstance(checkout, Initiated) else {}


def units_to_give_back(checkout: Checkout) -> Mapping[str, int]:
    """Product id -> units that must not stay held for a checkout which has failed or is failing."""
    return checkout.cart.units_by_product() if isinstance(checkout, Compensating | Failed) else {}


def decide(command: CheckoutCommand, checkout: Checkout) -> list[CheckoutEvent]:
    """Answer `command`. What has been answered, or came too late, is answered with nothing.

    Raises:
        UnknownCheckout: a step on a checkout that was never started.
    """
    match command:
        case StartCheckout():
            return _start(command, checkout)
        case ConfirmStock(shortages=shortages):
            return _confirm_stock(shortages, checkout)
        case ConcludeOrder(total_max=total_max):
            return _conclude_order(total_max, checkout)
        case ConcludeFailure(gave_back=gave_back):
            return _conclude_failure(gave_back, checkout)
        case Expire():
            return _expire(checkout)
        case _:
            assert_never(command)


def _start(command: StartCheckout, checkout: Checkout) -> list[CheckoutEvent]:
    if not isinstance(checkout, NotStarted):
        return []
    return [
        CheckoutInitiated(
            checkout_id=command.checkout_id,
            client_id=command.client_id,
            cart=command.cart,
            delivery_address=command.delivery_address,
        )
    ]


def _confirm_stock(shortages: tuple[Shortage, ...], checkout: Checkout) -> list[CheckoutEvent]:
    if not isinstance(checkout, Initiated):
        return []
    checkout_id, client_id = checkout.checkout_id, checkout.client_id
    if shortages:
        reason = "not enough stock: " + "; ".join(map(str, shortages))
        return [
            StockReservationFailed(
                checkout_id=checkout_id, client_id=client_id, reason=reason, shortages=shortages
            )
        ]
    return [StockReserved(checkout_id=checkout_id, client_id=client_id, cart=checkout.cart)]


def _conclude_order(total_max: Decimal, checkout: Checkout) -> list[CheckoutEvent]:
    match checkout:
        case StockHeld(checkout_id=checkout_id, client_id=client_id, cart=cart):
            command = CreateOrder(
                checkout_id=checkout_id, client_id=client_id, cart=cart, total_max=total_max
            )
            events: list[CheckoutEvent] = list(ORDER.decide(command, ORDER.initial))
            succeeded = CHECKOUT.fold(events, checkout)
            return [*events, *_conclude_order(total_max, succeeded)]
        case Ordered(checkout_id=checkout_id, client_id=client_id, commande_id=commande_id):
            return [CheckoutSucceeded(checkout_id=checkout_id, client_id=client_id, commande_id=commande_id)]
        case _:
            return []


def _conclude_failure(gave_back: bool, checkout: Checkout) -> list[CheckoutEvent]:
    if not isinstance(checkout, Compensating):
        return []
    checkout_id, client_id, failure = checkout.checkout_id, checkout.client_id, checkout.failure
    released = StockReleased(checkout_id=checkout_id, client_id=client_id, cart=checkout.cart)
    failed = CheckoutFailed(
        checkout_id=checkout_id,
        client_id=client_id,
        reason=failure.reason,
        source=failure.source,
        shortages=failure.shortages,
    )
    return [released, failed] if gave_back and not checkout.stock_released else [failed]


def _expire(checkout: Checkout) -> list[CheckoutEvent]:
    if not isinstance(checkout, Initiated | StockHeld | Ordered):
        return []
    return [CheckoutDeadlineExpired(checkout_id=checkout.checkout_id, client_id=checkout.client_id)]


def known(checkout_id: str, checkout: Checkout) -> Checkout:
    """`checkout` itself.

    Raises:
        UnknownCheckout: it was never started.
    """
    if isinstance(checkout, NotStarted):
        raise UnknownCheckout(checkout_id)
    return checkout


def evolve(checkout: Checkout, event: CheckoutEvent) -> Checkout:
    """`checkout` after `event`. A fact that does not fit is kept on the stream and changes nothing:
    the first outcome stands, and no fact follows an end."""
    match event, checkout:
        case CheckoutInitiated(), NotStarted():
            return Initiated(checkout_id=event.checkout_id, client_id=event.client_id, cart=event.cart)
        case StockReserved(), Initiated():
            return StockHeld(
                checkout_id=checkout.checkout_id, client_id=checkout.client_id, cart=checkout.cart
            )
        case StockReservationFailed(), Initiated():
            return _failing(
                checkout,
                Failure(source=saga.STOCK_RESERVATION, reason=event.reason, shortages=event.shortages),
            )
        case OrderCreated(), StockHeld():
            return Ordered(
                checkout_id=checkout.checkout_id,
                client_id=checkout.client_id,
                cart=checkout.cart,
                commande_id=event.commande_id,
            )
        case OrderCreationFailed(), StockHeld():
            return _failing(checkout, Failure(source=saga.ORDER_CREATION, reason=event.reason))
        case CheckoutDeadlineExpired(), Initiated() | StockHeld() | Ordered():
            return _failing(checkout, Failure(source=saga.DEADLINE, reason=event.reason))
        case StockReleased(), Compensating():
            return attrs.evolve(checkout, stock_released=True)
        case CheckoutSucceeded(), Initiated() | StockHeld() | Ordered():
            return Succeeded(
                checkout_id=checkout.checkout_id,
                client_id=checkout.client_id,
                cart=checkout.cart,
                commande_id=event.commande_id,
            )
        case CheckoutFailed(), Initiated() | StockHeld() | Ordered() | Compensating():
            return _failed(checkout, event)
        case _:
            return checkout


def _failing(checkout: Initiated | StockHeld | Ordered, failure: Failure) -> Compensating:
    return Compensating(
        checkout_id=checkout.checkout_id,
        client_id=checkout.client_id,
        cart=checkout.cart,
        failure=failure,
        stock_reserved=not isinstance(checkout, Initiated),
    )


def _failed(checkout: Initiated | StockHeld | Ordered | Compensating, event: CheckoutFailed) -> Failed:
    if not isinstance(checkout, Compensating):
        source = event.source or "unknown"
        failure = Failure(source=source, reason=event.reason, shortages=event.shortages)
        checkout = _failing(checkout, failure)
    return Failed(
        checkout_id=checkout.checkout_id,
        client_id=checkout.client_id,
        cart=checkout.cart,
        failure=checkout.failure,
        stock_reserved=checkout.stock_reserved,
        stock_released=checkout.stock_released,
    )


CHECKOUT: Decider[CheckoutCommand, Checkout, CheckoutEvent] = Decider(NotStarted(), decide, evolve)
