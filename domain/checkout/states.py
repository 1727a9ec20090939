"""The life of a checkout, one class a state.

NotStarted -> Initiated -> StockHeld -> (Ordered) -> Succeeded
                   \\___________\\__________\\-> Compensating -> Failed
"""

import attrs

from domain.cart import Cart
from domain.inventory.reservation import Shortage


@attrs.frozen
class NotStarted:
    """No fact about it yet."""


@attrs.frozen(kw_only=True)
class Initiated:
    """Waits for its stock."""

    checkout_id: str
    client_id: str
    cart: Cart


@attrs.frozen(kw_only=True)
class StockHeld:
    """Waits for its order."""

    checkout_id: str
    client_id: str
    cart: Cart


@attrs.frozen(kw_only=True)
class Ordered:
    """Its order exists; only the end fact is missing (another program may write the two apart)."""

    checkout_id: str
    client_id: str
    cart: Cart
    commande_id: str


@attrs.frozen(kw_only=True)
class Failure:
    """Why a checkout fails: the worker whose step failed, and what it said."""

    source: str
    reason: str
    shortages: tuple[Shortage, ...] = ()


@attrs.frozen(kw_only=True)
class Compensating:
    """Waits for whatever was taken to be given back."""

    checkout_id: str
    client_id: str
    cart: Cart
    failure: Failure
    stock_reserved: bool
    stock_released: bool = False


@attrs.frozen(kw_only=True)
class Succeeded:
    """Ended with an order."""

    checkout_id: str
    client_id: str
    cart: Cart
    commande_id: str


@attrs.frozen(kw_only=True)
class Failed:
    """Ended without one."""

    checkout_id: str
    client_id: str
    cart: Cart
    failure: Failure
    stock_reserved: bool
    stock_released: bool


Open = Initiated | StockHeld | Ordered
Checkout = NotStarted | Open | Compensating | Succeeded | Failed
