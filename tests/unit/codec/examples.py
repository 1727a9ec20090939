"""An event of every type with all that it can say, and one with as little as it may."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from application.events.streams import Event
from domain.calls.events import (
    CallDone,
    CallInDoubt,
    CallIntended,
    CallNotMade,
    CallRefused,
    CallsClosed,
    CallUnanswered,
    DoubtSettled,
)
from domain.cart import Cart, Line
from domain.checkout.events import (
    CheckoutCancelled,
    CheckoutDeadlineExpired,
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
from domain.inventory.events import UnitsHeld, UnitsReceived, UnitsRefused, UnitsReleased
from domain.inventory.reservation import Shortage
from domain.order.events import OrderCreated, OrderCreationFailed

CART: Final = Cart.of(
    [
        Line(produit_id="p-1", units=2, unit_price=Decimal("10.25"), name="Thé vert « Été »"),
        Line(produit_id="p-2", units=1, unit_price=Decimal("0.0001")),
        Line(produit_id="p-3", units=100_000),
    ]
)
SHORTAGES: Final = (
    Shortage(produit_id="p-1", units_wanted=2, units_free=1),
    Shortage(produit_id="p-9", units_wanted=1, units_free=0, known=False),
)
ADDRESS: Final = (("rue", "12, rue du Port"), ("ville", "Sète"))

FULL: Final[Mapping[str, Event]] = {
    "CheckoutInitiated": CheckoutInitiated(
        checkout_id="c-1", client_id="ada", cart=CART, delivery_address=ADDRESS
    ),
    "StockReserved": StockReserved(checkout_id="c-1", client_id="ada", cart=CART),
    "StockReservationFailed": StockReservationFailed(
        checkout_id="c-1", client_id="ada", reason="p-1 épuisé", shortages=SHORTAGES
    ),
    "OrderCreated": OrderCreated(
        checkout_id="c-1", client_id="ada", commande_id="o-c-1", total=Decimal("20.5001")
    ),
    "OrderCreationFailed": OrderCreationFailed(
        checkout_id="c-1", client_id="ada", reason="total above the limit", cart=CART
    ),
    "StockReleased": StockReleased(checkout_id="c-1", client_id="ada", cart=CART),
    "CheckoutDeadlineExpired": CheckoutDeadlineExpired(checkout_id="c-1", client_id="ada"),
    "CompensationFailed": CompensationFailed(checkout_id="c-1", client_id="ada", reason="fermé"),
    "CheckoutCancelled": CheckoutCancelled(
        checkout_id="c-1", client_id="ada", actor="ada", reason="trop long"
    ),
    "StepRetried": StepRetried(checkout_id="c-1", client_id="ada", actor="bob", reason="once more"),
    "CompensationForced": CompensationForced(
        checkout_id="c-1", client_id="ada", actor="bob", reason="enough"
    ),
    "CheckoutResolved": CheckoutResolved(
        checkout_id="c-1", client_id="ada", actor="bob", reason="given back by hand"
    ),
    "DeadlinePostponed": DeadlinePostponed(
        checkout_id="c-1", client_id="ada", actor="bob", reason="late", expires_at_s=1700000900.5
    ),
    "CheckoutSucceeded": CheckoutSucceeded(checkout_id="c-1", client_id="ada", commande_id="o-c-1"),
    "CheckoutFailed": CheckoutFailed(
        checkout_id="c-1",
        client_id="ada",
        reason="p-1 épuisé",
        source="stock-reservation",
        shortages=SHORTAGES,
    ),
    "UnitsReceived": UnitsReceived(produit_id="p-1", units=1_000_000),
    "UnitsHeld": UnitsHeld(produit_id="p-1", checkout_id="c-1", units=2),
    "UnitsReleased": UnitsReleased(produit_id="p-1", checkout_id="c-1", units=2),
    "UnitsRefused": UnitsRefused(produit_id="p-1", checkout_id="c-1"),
    "CallIntended": CallIntended(
        checkout_id="c-1",
        call="cancel-2",
        attempt=1,
        operation="cancel",
        key="k-1",
        produit_id="p-1",
        units=2,
        client_id="ada",
        vente_id="v-1",
    ),
    "CallDone": CallDone(checkout_id="c-1", call="enter-2", attempt=1, vente_id="v-1"),
    "CallRefused": CallRefused(checkout_id="c-1", call="take-1", attempt=1, reason="épuisé"),
    "CallNotMade": CallNotMade(checkout_id="c-1", call="take-1", attempt=2, reason="refused"),
    "CallUnanswered": CallUnanswered(checkout_id="c-1", call="take-1", attempt=3, reason="timeout"),
    "CallInDoubt": CallInDoubt(checkout_id="c-1", call="take-1", attempt=3, reason="timeout"),
    "DoubtSettled": DoubtSettled(
        checkout_id="c-1",
        call="enter-1",
        attempt=1,
        happened=True,
        actor="bob",
        reason="it is in their list",
        vente_id="v-1",
    ),
    "CallsClosed": CallsClosed(checkout_id="c-1"),
}

ONE_LINE: Final = Cart.of([Line(produit_id="p-1", units=1)])
BARE: Final[Mapping[str, Event]] = {
    "CheckoutInitiated": CheckoutInitiated(checkout_id="c-1", client_id="ada", cart=ONE_LINE),
    "StockReserved": StockReserved(checkout_id="c-1", client_id="ada", cart=ONE_LINE),
    "StockReservationFailed": StockReservationFailed(checkout_id="c-1", client_id=None, reason=""),
    "OrderCreated": OrderCreated(checkout_id="c-1", client_id="ada", commande_id="o"),
    "OrderCreationFailed": OrderCreationFailed(checkout_id="c-1", client_id=None, reason=""),
    "StockReleased": StockReleased(checkout_id="c-1", client_id=None),
    "CheckoutDeadlineExpired": CheckoutDeadlineExpired(checkout_id="c-1", client_id=None, reason=""),
    "CompensationFailed": CompensationFailed(checkout_id="c-1", client_id=None, reason=""),
    "CheckoutCancelled": CheckoutCancelled(checkout_id="c-1", client_id=None, actor="", reason=""),
    "StepRetried": StepRetried(checkout_id="c-1", client_id=None, actor="", reason=""),
    "CompensationForced": CompensationForced(checkout_id="c-1", client_id=None, actor="", reason=""),
    "CheckoutResolved": CheckoutResolved(checkout_id="c-1", client_id=None, actor="", reason=""),
    "DeadlinePostponed": DeadlinePostponed(
        checkout_id="c-1", client_id=None, actor="", reason="", expires_at_s=None
    ),
    "CheckoutSucceeded": CheckoutSucceeded(checkout_id="c-1", client_id=None, commande_id="o"),
    "CheckoutFailed": CheckoutFailed(checkout_id="c-1", client_id=None, reason=""),
    "CallIntended": CallIntended(checkout_id="c-1", call="take-1", attempt=1, operation="take", key="k-1"),
    "CallDone": CallDone(checkout_id="c-1", call="take-1", attempt=1),
    "DoubtSettled": DoubtSettled(
        checkout_id="c-1", call="take-1", attempt=1, happened=False, actor="", reason=""
    ),
}
