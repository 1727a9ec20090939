"""What a checkout answers to a command. Commands that come too late are answered with nothing."""

from decimal import Decimal
from typing import assert_never

from domain.checkout.commands import (
    Cancel,
    CheckoutCommand,
    ConcludeFailure,
    ConcludeOrder,
    ConfirmStock,
    Expire,
    ForceCompensation,
    GiveUp,
    Intervene,
    PostponeDeadline,
    Resolve,
    RetryStep,
    StartCheckout,
)
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
from domain.checkout.evolving import OPERATOR, evolve
from domain.checkout.states import (
    Checkout,
    Compensating,
    CompensationStuck,
    Deadline,
    Failed,
    Initiated,
    NotStarted,
    Ordered,
    StockHeld,
    Succeeded,
)
from domain.errors import CheckoutEnded, CheckoutFailing
from domain.inventory.reservation import Shortage
from domain.order.order import ORDER, CreateOrder


def decide(command: CheckoutCommand, checkout: Checkout) -> list[CheckoutEvent]:
    """Answer `command`. What has been answered, or came too late, is answered with nothing.

    Raises:
        CheckoutEnded, CheckoutFailing: a person is too late; steps are told nothing.
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
        case Expire(now_s=now_s):
            return _expire(now_s, checkout)
        case GiveUp(reason=reason):
            return _give_up(reason, checkout)
        case Cancel() | RetryStep() | ForceCompensation() | Resolve() | PostponeDeadline():
            return _intervene(command, checkout)
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
            after: Checkout = checkout
            for event in events:
                after = evolve(after, event)
            return [*events, *_conclude_order(total_max, after)]
        case Ordered(checkout_id=checkout_id, client_id=client_id, commande_id=commande_id):
            return [CheckoutSucceeded(checkout_id=checkout_id, client_id=client_id, commande_id=commande_id)]
        case _:
            return []


def _conclude_failure(gave_back: bool, checkout: Checkout) -> list[CheckoutEvent]:
    if not isinstance(checkout, Compensating | CompensationStuck):
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


def _expire(now_s: float, checkout: Checkout) -> list[CheckoutEvent]:
    if not isinstance(checkout, Initiated | StockHeld | Ordered):
        return []
    if checkout.deadline is not None and checkout.deadline.is_after(now_s):
        return []
    return [CheckoutDeadlineExpired(checkout_id=checkout.checkout_id, client_id=checkout.client_id)]


def _give_up(reason: str, checkout: Checkout) -> list[CheckoutEvent]:
    if not isinstance(checkout, Compensating):
        return []
    return [CompensationFailed(checkout_id=checkout.checkout_id, client_id=checkout.client_id, reason=reason)]


def _intervene(command: Intervene, checkout: Checkout) -> list[CheckoutEvent]:
    if isinstance(checkout, NotStarted):
        return []
    if isinstance(checkout, Succeeded | Failed):
        raise CheckoutEnded(checkout.checkout_id)
    said = {
        "checkout_id": checkout.checkout_id,
        "client_id": checkout.client_id,
        "actor": command.actor,
        "reason": command.reason,
    }
    match command:
        case Cancel():
            is_failing = isinstance(checkout, Compensating | CompensationStuck)
            return [] if is_failing else [CheckoutCancelled(**said)]
        case RetryStep():
            return [StepRetried(**said)]
        case ForceCompensation():
            return [CompensationForced(**said)]
        case PostponeDeadline(expires_at_s=expires_at_s):
            if isinstance(checkout, Compensating | CompensationStuck):
                raise CheckoutFailing(checkout.checkout_id)
            is_known = checkout.deadline == Deadline(expires_at_s=expires_at_s)
            return [] if is_known else [DeadlinePostponed(**said, expires_at_s=expires_at_s)]
        case Resolve(reason=reason):
            failed = CheckoutFailed(
                checkout_id=checkout.checkout_id,
                client_id=checkout.client_id,
                reason=f"resolved by hand: {reason}",
                source=OPERATOR,
            )
            return [CheckoutResolved(**said), failed]
        case _:
            assert_never(command)
