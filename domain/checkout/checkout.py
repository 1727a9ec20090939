"""The checkout aggregate, and what the steps of the saga ask of its state."""

from collections.abc import Mapping
from typing import assert_never

from domain.checkout.commands import CheckoutCommand
from domain.checkout.deciding import decide
from domain.checkout.events import CheckoutEvent
from domain.checkout.evolving import OPERATOR, evolve
from domain.checkout.saga import ORDER_CREATION, STOCK_COMPENSATION, STOCK_RESERVATION
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
from domain.decider import Decider
from domain.errors import UnknownCheckout

CHECKOUT: Decider[CheckoutCommand, Checkout, CheckoutEvent] = Decider(NotStarted(), decide, evolve)


def units_wanted(checkout: Checkout) -> Mapping[str, int]:
    """Product id -> units that a step should reserve for it now; empty once that is settled."""
    return checkout.cart.units_by_product() if isinstance(checkout, Initiated) else {}


def units_to_give_back(checkout: Checkout) -> Mapping[str, int]:
    """Product id -> units that must not stay held for a checkout which has failed or is failing."""
    match checkout:
        case Compensating() | CompensationStuck() | Failed():
            return checkout.cart.units_by_product()
        case _:
            return {}


def has_ended(checkout: Checkout) -> bool:
    """Whether its end fact is there."""
    return isinstance(checkout, Succeeded | Failed)


def waits_for(checkout: Checkout) -> str | None:
    """The worker whose turn it is, or `OPERATOR`; None before it starts and after it ends."""
    match checkout:
        case Initiated():
            return STOCK_RESERVATION
        case StockHeld() | Ordered():
            return ORDER_CREATION
        case Compensating():
            return STOCK_COMPENSATION
        case CompensationStuck():
            return OPERATOR
        case NotStarted() | Succeeded() | Failed():
            return None
        case _:
            assert_never(checkout)


def deadline_of(checkout: Checkout) -> Deadline | None:
    """What an operator said of its deadline, while it is open."""
    return checkout.deadline if isinstance(checkout, Initiated | StockHeld | Ordered) else None


def known(checkout_id: str, checkout: Checkout) -> Checkout:
    """`checkout` itself.

    Raises:
        UnknownCheckout: it was never started.
    """
    if isinstance(checkout, NotStarted):
        raise UnknownCheckout(checkout_id)
    return checkout
