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
    """Make the order of `cart`, unless its total is above `total_max`."""

    checkout_id: str
    client_id: str
    cart: Cart
    total_max: Decimal


ORDER_PREFIX = "o-"


def order_id(checkout_id: str) -> str:
    """The id of the order that a checkout ends in. A second run of the step finds the same."""
    return ORDER_PREFIX + checkout_id


def decide(command: CreateOrder, order: Order) -> list[OrderEvent]:
    """Answer `command`; a command already answered gets no second answer."""
    if not isinstance(order, NoOrder):
        return []
    total = command.cart.total
    if total > command.total_max:
        reason = f"order total {spelled(total)} is above the limit of {spelled(command.total_max)}"
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
            commande_id=order_id(command.checkout_id),
            total=total,
        )
    ]


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
