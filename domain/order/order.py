"""The order of one checkout: created once, or refused once."""

from decimal import Decimal
from typing import assert_never

import attrs

from domain.cart import Cart, spelled
from domain.decider import Decider
from domain.order.events import OrderCreated, OrderCreationFailed, OrderEvent


@attrs.frozen
class NoOrder:
    """Nothing has been decided yet."""


@attrs.frozen
class Created:
    """The order exists under `commande_id`."""

    commande_id: str


@attrs.frozen
class Refused:
    """The order was refused for `reason`."""

    reason: str


Order = NoOrder | Created | Refused


@attrs.frozen(kw_only=True)
class CreateOrder:
    """Make the order of `cart`, unless its total is above `total_max` or it was refused elsewhere.

    With `ventes`, the ids of its sales in another service, it has the id of the first.
    """

    checkout_id: str
    client_id: str
    cart: Cart
    total_max: Decimal
    ventes: tuple[str, ...] = ()
    refusal: str | None = None


ORDER_PREFIX = "o-"


def order_id(checkout_id: str) -> str:
    """The id of the order that a checkout ends in. A second run of the step finds the same."""
    return ORDER_PREFIX + checkout_id


def decide(command: CreateOrder, order: Order) -> list[OrderEvent]:
    """Answer `command`; a command already answered gets no second answer."""
    if not isinstance(order, NoOrder):
        return []
    total = command.cart.total
    reason = too_dear(total, command.total_max)
    if reason is None and command.refusal is not None:
        reason = f"the order service refused: {command.refusal}"
    if reason is not None:
        return [
            OrderCreationFailed(
                checkout_id=command.checkout_id,
                client_id=command.client_id,
                reason=reason,
                cart=command.cart,
            )
        ]
    return [
        OrderCreated(
            checkout_id=command.checkout_id,
            client_id=command.client_id,
            commande_id=command.ventes[0] if command.ventes else order_id(command.checkout_id),
            total=total,
            ventes=command.ventes,
        )
    ]


def too_dear(total: Decimal, total_max: Decimal) -> str | None:
    """Why no order of this total may be; None where it may."""
    if total <= total_max:
        return None
    return f"order total {spelled(total)} is above the limit of {spelled(total_max)}"


def evolve(order: Order, event: OrderEvent) -> Order:
    """`order` after `event`; the first outcome stands."""
    if not isinstance(order, NoOrder):
        return order
    match event:
        case OrderCreated(commande_id=commande_id):
            return Created(commande_id)
        case OrderCreationFailed(reason=reason):
            return Refused(reason)
        case _:
            assert_never(event)


ORDER: Decider[CreateOrder, Order, OrderEvent] = Decider(NoOrder(), decide, evolve)
