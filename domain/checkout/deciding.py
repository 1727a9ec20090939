"""What a checkout answers to a command. Commands that come too late are answered with nothing."""

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
from domain.order.order import ORDER, CreateOrder


def decide(command: CheckoutCommand, checkout: Checkout) -> list[CheckoutEvent]:
    """Answer `command`. What has been answered, or came too late, is answered with nothing.

    Raises:
        CheckoutEnded, CheckoutFailing: a person is too late; steps are told nothing.
    """
    match command:
        case StartCheckout():
            return _start(command, checkout)
        case ConfirmStock():
            return _confirm_stock(command, checkout)
        case ConcludeOrder():
            return _conclude_order(command, checkout)
        case ConcludeFailure():
            return _conclude_failure(command, checkout)
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


def _confirm_stock(command: ConfirmStock, checkout: Checkout) -> list[CheckoutEvent]:
    if not isinstance(checkout, Initiated):
        return []
    checkout_id, client_id = checkout.checkout_id, checkout.client_id
    shortages = command.shortages
    if shortages or command.refusal is not None:
        short = "not enough stock: " + "; ".join(map(str, shortages))
        return [
            StockReservationFailed(
                checkout_id=checkout_id,
                client_id=client_id,
                reason=f"the inventory refused: {command.refusal}" if command.refusal is not None else short,
                shortages=shortages,
            )
        ]
    return [StockReserved(checkout_id=checkout_id, client_id=client_id, cart=checkout.cart)]


def _conclude_order(command: ConcludeOrder, checkout: Checkout) -> list[CheckoutEvent]:
    match checkout:
        case StockHeld(checkout_id=checkout_id, client_id=client_id, cart=cart):
            create = CreateOrder(
                checkout_id=checkout_id,
                client_id=client_id,
                cart=cart,
                total_max=command.total_max,
                ventes=command.ventes,
                refusal=command.refusal,
            )
            events: list[CheckoutEvent] = list(ORDER.decide(create, ORDER.initial))
            after: Checkout = checkout
            for event in events:
                after = evolve(after, event)
            return [*events, *_conclude_order(command, after)]
        case Ordered(checkout_id=checkout_id, client_id=client_id, commande_id=commande_id):
            return [CheckoutSucceeded(checkout_id=checkout_id, client_id=client_id, commande_id=commande_id)]
        case _:
            return []


def _conclude_failure(command: ConcludeFailure, checkout: Checkout) -> list[CheckoutEvent]:
    if not isinstance(checkout, Compensating | CompensationStuck):
        return []
    checkout_id, client_id, failure = checkout.checkout_id, checkout.client_id, checkout.failure
    cart = checkout.cart if command.products is None else checkout.cart.only(command.products)
    released = StockReleased(checkout_id=checkout_id, client_id=client_id, cart=cart)
    failed = CheckoutFailed(
        checkout_id=checkout_id,
        client_id=client_id,
        reason=failure.reason,
        source=failure.source,
        shortages=failure.shortages,
    )
    return [released, failed] if command.gave_back and not checkout.stock_released else [failed]


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
