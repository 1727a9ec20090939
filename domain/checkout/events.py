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
    """Too few free units of at least one product, or an inventory that refuses one; nothing stays set
    aside."""

    checkout_id: str
    client_id: str | None
    reason: str
    shortages: tuple[Shortage, ...] = ()


@attrs.frozen(kw_only=True)
class StockReleased:
    """What had been set aside was given back: these lines of the cart."""

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
class CompensationFailed:
    """What was taken could not be given back, time and again. The checkout waits for an operator."""

    checkout_id: str
    client_id: str | None
    reason: str


@attrs.frozen(kw_only=True)
class CheckoutCancelled:
    """Somebody no longer wants it: the customer, or an operator."""

    checkout_id: str
    client_id: str | None
    actor: str
    reason: str


@attrs.frozen(kw_only=True)
class StepRetried:
    """An operator had the step that the checkout waits on tried again."""

    checkout_id: str
    client_id: str | None
    actor: str
    reason: str


@attrs.frozen(kw_only=True)
class CompensationForced:
    """An operator had everything given back, whatever the checkout waited on."""

    checkout_id: str
    client_id: str | None
    actor: str
    reason: str


@attrs.frozen(kw_only=True)
class CheckoutResolved:
    """An operator took care of it by hand and declared it failed. CheckoutFailed follows."""

    checkout_id: str
    client_id: str | None
    actor: str
    reason: str


@attrs.frozen(kw_only=True)
class DeadlinePostponed:
    """The checkout has until `expires_at_s` (epoch seconds); None: it has all the time it needs."""

    checkout_id: str
    client_id: str | None
    actor: str
    reason: str
    expires_at_s: float | None


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


Intervention = CheckoutCancelled | StepRetried | CompensationForced | CheckoutResolved | DeadlinePostponed
"""What a person did about a checkout: who, and why."""

CheckoutEvent = (
    CheckoutInitiated
    | StockReserved
    | StockReservationFailed
    | OrderCreated
    | OrderCreationFailed
    | StockReleased
    | CheckoutDeadlineExpired
    | CompensationFailed
    | Intervention
    | CheckoutSucceeded
    | CheckoutFailed
)

END_FACTS: tuple[type[CheckoutSucceeded], type[CheckoutFailed]] = (CheckoutSucceeded, CheckoutFailed)
