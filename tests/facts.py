"""Past facts of one checkout, and the histories that lead to each of its states."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from domain.cart import Cart, Line
from domain.checkout import saga
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
from domain.inventory.reservation import Shortage
from domain.order.events import OrderCreated, OrderCreationFailed

ID: Final = "c-1"
WHO: Final = "client-1"
ORDER_ID: Final = "o-c-1"
CART: Final = Cart.of(
    [
        Line(produit_id="p-1", units=2, unit_price=Decimal("10.00"), name="Thé vert"),
        Line(produit_id="p-2", units=1, unit_price=Decimal("5.25")),
    ]
)
SHORTAGES: Final = (Shortage(produit_id="p-2", units_wanted=1, units_free=0),)
SHORT: Final = "not enough stock: p-2: 1 wanted, 0 free"
TOO_DEAR: Final = "order total 25.25 is above the limit of 20.00"
LATE: Final = "the checkout did not end in time"

INITIATED: Final = CheckoutInitiated(checkout_id=ID, client_id=WHO, cart=CART)
RESERVED: Final = StockReserved(checkout_id=ID, client_id=WHO, cart=CART)
NOT_RESERVED: Final = StockReservationFailed(checkout_id=ID, client_id=WHO, reason=SHORT, shortages=SHORTAGES)
ORDERED: Final = OrderCreated(checkout_id=ID, client_id=WHO, commande_id=ORDER_ID, total=Decimal("25.25"))
NOT_ORDERED: Final = OrderCreationFailed(checkout_id=ID, client_id=WHO, reason=TOO_DEAR, cart=CART)
EXPIRED: Final = CheckoutDeadlineExpired(checkout_id=ID, client_id=WHO)
RELEASED: Final = StockReleased(checkout_id=ID, client_id=WHO, cart=CART)
SUCCEEDED: Final = CheckoutSucceeded(checkout_id=ID, client_id=WHO, commande_id=ORDER_ID)
FAILED_SHORT: Final = CheckoutFailed(
    checkout_id=ID, client_id=WHO, reason=SHORT, source=saga.STOCK_RESERVATION, shortages=SHORTAGES
)
FAILED_TOO_DEAR: Final = CheckoutFailed(
    checkout_id=ID, client_id=WHO, reason=TOO_DEAR, source=saga.ORDER_CREATION
)
FAILED_LATE: Final = CheckoutFailed(checkout_id=ID, client_id=WHO, reason=LATE, source=saga.DEADLINE)

CANCELLED: Final = CheckoutCancelled(checkout_id=ID, client_id=WHO, actor="ada", reason="too slow")
RETRIED: Final = StepRetried(checkout_id=ID, client_id=WHO, actor="ada", reason="once more")
FORCED: Final = CompensationForced(checkout_id=ID, client_id=WHO, actor="ada", reason="enough")
RESOLVED: Final = CheckoutResolved(checkout_id=ID, client_id=WHO, actor="ada", reason="done by hand")
POSTPONED: Final = DeadlinePostponed(
    checkout_id=ID, client_id=WHO, actor="ada", reason="the van is late", expires_at_s=2_000.0
)
NO_DEADLINE: Final = DeadlinePostponed(
    checkout_id=ID, client_id=WHO, actor="ada", reason="a big order", expires_at_s=None
)
STUCK: Final = CompensationFailed(checkout_id=ID, client_id=WHO, reason="the warehouse is closed")
FAILED_CANCELLED: Final = CheckoutFailed(
    checkout_id=ID, client_id=WHO, reason="cancelled: too slow", source="cancellation"
)
FAILED_BY_HAND: Final = CheckoutFailed(
    checkout_id=ID, client_id=WHO, reason="resolved by hand: done by hand", source="operator"
)

EVERY_FACT: Final[tuple[CheckoutEvent, ...]] = (
    INITIATED,
    RESERVED,
    NOT_RESERVED,
    ORDERED,
    NOT_ORDERED,
    EXPIRED,
    RELEASED,
    SUCCEEDED,
    FAILED_SHORT,
    FAILED_TOO_DEAR,
    FAILED_LATE,
    CANCELLED,
    RETRIED,
    FORCED,
    RESOLVED,
    POSTPONED,
    NO_DEADLINE,
    STUCK,
    FAILED_CANCELLED,
    FAILED_BY_HAND,
)
"""One of each type, and every failure."""

HISTORIES: Final[Mapping[str, tuple[CheckoutEvent, ...]]] = {
    "not started": (),
    "initiated": (INITIATED,),
    "stock held": (INITIATED, RESERVED),
    "ordered": (INITIATED, RESERVED, ORDERED),
    "succeeded": (INITIATED, RESERVED, ORDERED, SUCCEEDED),
    "failing for want of stock": (INITIATED, NOT_RESERVED),
    "failing for its order": (INITIATED, RESERVED, NOT_ORDERED),
    "failing, stock given back": (INITIATED, RESERVED, NOT_ORDERED, RELEASED),
    "failing before it held stock": (INITIATED, EXPIRED),
    "failing too late": (INITIATED, RESERVED, EXPIRED),
    "failing although it was ordered": (INITIATED, RESERVED, ORDERED, EXPIRED),
    "failing for a cancellation": (INITIATED, RESERVED, CANCELLED),
    "failing by an operator": (INITIATED, RESERVED, FORCED),
    "postponed": (INITIATED, RESERVED, POSTPONED),
    "without a deadline": (INITIATED, NO_DEADLINE),
    "stuck": (INITIATED, RESERVED, CANCELLED, STUCK),
    "stuck and tried again": (INITIATED, RESERVED, CANCELLED, STUCK, RETRIED),
    "failed for a cancellation": (INITIATED, RESERVED, CANCELLED, RELEASED, FAILED_CANCELLED),
    "resolved by hand": (INITIATED, RESERVED, CANCELLED, STUCK, RESOLVED, FAILED_BY_HAND),
    "failed for want of stock": (INITIATED, NOT_RESERVED, FAILED_SHORT),
    "failed for its order": (INITIATED, RESERVED, NOT_ORDERED, RELEASED, FAILED_TOO_DEAR),
    "failed too late": (INITIATED, RESERVED, EXPIRED, RELEASED, FAILED_LATE),
}
"""A name for a state -> the facts that lead there. Every class of state is among them."""
