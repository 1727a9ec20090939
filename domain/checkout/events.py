"""Facts about one checkout. Their entity is the checkout (`checkout_id`).

`client_id` may be None where another program wrote the fact without it; the start always has it.
"""

import attrs

from domain.cart import Cart
from domain.inventory.reservation import Shortage
from domain.order.events import OrderCreated, OrderCreationFailed

Address = str | tuple[tuple[str, str], ...]
"""Free text, or named parts in the order they were given."""


@attrs.frozen(kw_only=True)
class CheckoutInitiated:
    """A shopper checked out a cart. Every saga starts here."""

    checkout_id: str
    client_id: str
    cart: Cart
    delivery_address: Address | None = None


@attrs.frozen(kw_only=True)
class StockReserved:
    """Every line of the cart is set aside."""

    checkout_id: str
    client_id: str
    cart: Cart


@attrs.frozen(kw_only=True)
class StockReservationFailed:
    """Too few free units of at least one product; nothing was set aside."""

    checkout_id: str
    client_id: str | None
    reason: str
    shortages: tuple[Shortage, ...] = ()


@attrs.frozen(kw_only=True)
class StockReleased:
    """What had been set aside was given back."""

    checkout_id: str
    client_id: str | None
    cart: Cart | None = None


@attrs.frozen(kw_only=True)
class CheckoutDeadlineExpired:
    """The checkout had not ended in time."""

    checkout_id: str
    client_id: str | None
    reason: str = "the checkout did not end in time"


@attrs.frozen(kw_only=True)
class CheckoutSucceeded:
    """The end: the order exists."""

    checkout_id: str
    client_id: str | None
    commande_id: str


@attrs.frozen(kw_only=True)
class CheckoutFailed:
    """The end: no order, and nothing is held. `source` is the worker whose step failed."""

    checkout_id: str
    client_id: str | None
    reason: str
    source: str | None = None
    shortages: tuple[Shortage, ...] = ()


CheckoutEvent = (
    CheckoutInitiated
    | StockReserved
    | StockReservationFailed
    | OrderCreated
    | OrderCreationFailed
    | StockReleased
    | CheckoutDeadlineExpired
    | CheckoutSucceeded
    | CheckoutFailed
)

END_FACTS: tuple[type[CheckoutSucceeded], type[CheckoutFailed]] = (CheckoutSucceeded, CheckoutFailed)
