"""The facts in the golden files of schema 0: entries of other programs."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from application.events.streams import Event
from domain.cart import Cart, Line
from domain.checkout.events import (
    CheckoutFailed,
    CheckoutInitiated,
    CheckoutSucceeded,
    StockReleased,
    StockReservationFailed,
    StockReserved,
)
from domain.order.events import OrderCreated, OrderCreationFailed

CHECKOUT: Final = "3f2a0f7e-6f1c-4d0e-9f0d-0a2f0d8d3b11"
CLIENT: Final = "9a1e7f52-0c56-4b55-8a86-5f2a1b6a7c10"
PRODUCT: Final = "7d3c1c58-5d0f-4b7e-a1a5-3c2f7a9f0e21"
ORDER: Final = "b1c2d3e4-0000-4000-8000-000000000001"
COFFEE: Final = Cart.of([Line(produit_id=PRODUCT, units=3, unit_price=Decimal("10.0"), name="Café moulu")])

FOREIGN: Final[Mapping[str, Event]] = {
    "CheckoutInitiated": CheckoutInitiated(checkout_id=CHECKOUT, client_id=CLIENT, cart=COFFEE),
    "CheckoutInitiated-plain-xadd": CheckoutInitiated(
        checkout_id="c-1",
        client_id="ada",
        cart=Cart.of([Line(produit_id="p-1", units=3, unit_price=Decimal(10))]),
    ),
    "CheckoutInitiated-lignes": CheckoutInitiated(
        checkout_id="c-1",
        client_id="ada",
        cart=Cart.of([Line(produit_id="p-1", units=1, unit_price=Decimal("19.90"))]),
    ),
    "StockReserved": StockReserved(checkout_id=CHECKOUT, client_id=CLIENT, cart=COFFEE),
    "StockReservationFailed": StockReservationFailed(
        checkout_id=CHECKOUT, client_id=None, reason="Stock insuffisant"
    ),
    "OrderCreated": OrderCreated(checkout_id=CHECKOUT, client_id=CLIENT, commande_id=ORDER),
    "CheckoutSucceeded": CheckoutSucceeded(checkout_id=CHECKOUT, client_id=None, commande_id=ORDER),
    "OrderCreationFailed": OrderCreationFailed(
        checkout_id=CHECKOUT, client_id=None, reason="service commandes indisponible"
    ),
    "StockReleased": StockReleased(checkout_id=CHECKOUT, client_id=None),
    "CheckoutFailed": CheckoutFailed(checkout_id=CHECKOUT, client_id=None, reason="Stock insuffisant"),
}
"""Golden file of schema 0 -> the fact in it."""
