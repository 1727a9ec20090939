"""What a checkout can be told: by its shopper, by the steps of the saga, by a person who steps in."""

from decimal import Decimal
from typing import Final

import attrs

from domain.cart import Cart
from domain.checkout.events import Address
from domain.inventory.reservation import Shortage

WAKER: Final = "comptoir"
"""Who is named where no person had a step tried again, but an answer came after all to a call in doubt."""


@attrs.frozen(kw_only=True)
class StartCheckout:
    checkout_id: str
    client_id: str
    cart: Cart
    delivery_address: Address | None = None


@attrs.frozen(kw_only=True)
class ConfirmStock:
    """Tell the checkout how its reservation went: no shortage and no `refusal` (of an inventory that tells no
    figures), and every line is held."""

    shortages: tuple[Shortage, ...] = ()
    refusal: str | None = None


@attrs.frozen(kw_only=True)
class ConcludeOrder:
    """Create the order if its total is at most `total_max`, and end the checkout with it.

    Where another service keeps orders, `ventes` are the sales that it has entered, one a line, or `refusal`
    is why it would not.
    """

    total_max: Decimal
    ventes: tuple[str, ...] = ()
    refusal: str | None = None


@attrs.frozen(kw_only=True)
class ConcludeFailure:
    """End a failing checkout, now that nothing is held for it. `gave_back`: something had been; of which
    `products`, where that may have been some of them only."""

    gave_back: bool
    products: frozenset[str] | None = None


@attrs.frozen(kw_only=True)
class Expire:
    """It is `now_s` (epoch seconds), and the usual time is up."""

    now_s: float


@attrs.frozen(kw_only=True)
class GiveUp:
    """Giving back has failed for good, for this reason."""

    reason: str


@attrs.frozen(kw_only=True)
class Cancel:
    """Stop it; whatever was taken is given back."""

    actor: str
    reason: str


@attrs.frozen(kw_only=True)
class RetryStep:
    """Have the step that it waits on tried again."""

    actor: str
    reason: str


@attrs.frozen(kw_only=True)
class ForceCompensation:
    """Have everything given back, also where that has failed for good before."""

    actor: str
    reason: str


@attrs.frozen(kw_only=True)
class Resolve:
    """Declare it failed: what had to be done was done by hand."""

    actor: str
    reason: str


@attrs.frozen(kw_only=True)
class PostponeDeadline:
    """Give it until `expires_at_s` (epoch seconds), or all the time it needs (None)."""

    actor: str
    reason: str
    expires_at_s: float | None


Intervene = Cancel | RetryStep | ForceCompensation | Resolve | PostponeDeadline
CheckoutCommand = StartCheckout | ConfirmStock | ConcludeOrder | ConcludeFailure | Expire | GiveUp | Intervene
