"""Facts about the order that a checkout ends in. Their entity is the checkout: one order each at most."""

from decimal import Decimal

import attrs

from domain.cart import Cart


@attrs.frozen(kw_only=True)
class OrderCreated:
    """The order exists. `total` is None where another program created it without saying.

    `ventes` are the ids of its sales, one a line, in an order service that was there before us; `commande_id`
    is then the first of them.
    """

    checkout_id: str
    client_id: str
    commande_id: str
    total: Decimal | None = None
    ventes: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class OrderCreationFailed:
    """No order will come of this checkout; `cart` is what was taken for it and must be given back."""

    checkout_id: str
    client_id: str | None
    reason: str
    cart: Cart | None = None


OrderEvent = OrderCreated | OrderCreationFailed
