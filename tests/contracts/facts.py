"""Facts that the contracts are told with, and short ways to write them."""

from collections.abc import Mapping
from decimal import Decimal

import orjson

from application.events.origin import Origin
from application.events.streams import entity_of
from application.ports.event_store import NewEvent, Write
from domain.cart import Cart, Line
from domain.checkout.events import CheckoutFailed, CheckoutInitiated, StockReserved
from domain.inventory.events import UnitsReceived
from domain.inventory.stock_item import StockItem

CHECKOUT = "checkout-1"
OTHER = "checkout-2"
CLIENT = "client-1"
PRODUCT = "produit-1"
CART = Cart.of([Line(produit_id=PRODUCT, units=2, unit_price=Decimal("10.10"))])
CAUSE = "cause-1"
ORIGIN = Origin(
    traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", correlation_id="basket-7/a=b"
)

Fields = Mapping[bytes, bytes]


def initiated(checkout_id: str = CHECKOUT, *, event_id: str = "initiated", cart: Cart = CART) -> NewEvent:
    event = CheckoutInitiated(checkout_id=checkout_id, client_id=CLIENT, cart=cart)
    return NewEvent(event=event, event_id=event_id, causation_id=CAUSE, origin=ORIGIN)


def reserved(checkout_id: str = CHECKOUT, *, event_id: str = "reserved") -> NewEvent:
    event = StockReserved(checkout_id=checkout_id, client_id=CLIENT, cart=CART)
    return NewEvent(event=event, event_id=event_id)


def failed(checkout_id: str = CHECKOUT, *, event_id: str = "failed") -> NewEvent:
    event = CheckoutFailed(checkout_id=checkout_id, client_id=CLIENT, reason="too late")
    return NewEvent(event=event, event_id=event_id)


def received(produit_id: str = PRODUCT, *, units: int = 10, event_id: str = "received") -> NewEvent:
    return NewEvent(event=UnitsReceived(produit_id=produit_id, units=units), event_id=event_id)


def at(version: int, *new: NewEvent, snapshot: StockItem | None = None) -> Write:
    """`new`, decided when their entity had `version` events."""
    return Write(entity=entity_of(new[0].event), expected_version=version, events=new, snapshot=snapshot)


def start_by_another_program(checkout_id: str = CHECKOUT) -> Fields:
    """The bare entry of CheckoutInitiated, as the existing shop writes it."""
    panier = {"produits": [{"produit_id": PRODUCT, "quantite": 3, "prix_unitaire": 10.0}]}
    payload = {"checkout_id": checkout_id, "client_id": CLIENT, "panier": panier}
    return entry("CheckoutInitiated", payload)


def failure_by_another_program(checkout_id: str = CHECKOUT) -> Fields:
    """The bare entry of StockReservationFailed, as existing workers write it."""
    return entry("StockReservationFailed", {"checkout_id": checkout_id, "reason": "no stock"})


def entry(type_name: str, payload: object) -> Fields:
    return {b"type": type_name.encode(), b"payload": orjson.dumps(payload), b"ts": b"1690000000.1"}


MALFORMED: Mapping[str, Fields] = {
    "nothing known": {b"a": b"b"},
    "no type": {b"payload": b"{}"},
    "no payload": {b"type": b"CheckoutInitiated"},
    "broken JSON": {b"type": b"CheckoutInitiated", b"payload": b'{"checkout_id":'},
    "a list": {b"type": b"CheckoutInitiated", b"payload": b"[1, 2]"},
    "unknown type": {b"type": b"Surprise", b"payload": b"{}"},
    "no checkout": {b"type": b"StockReleased", b"payload": b"{}"},
    "not UTF-8": {b"type": b"CheckoutIniti\xe9", b"payload": b'{"client_id": "\xff"}', b"\xfe": b"\xff"},
    "too large": {b"type": b"CheckoutInitiated", b"payload": b'"' + b"x" * 1_000_000 + b'"'},
}
"""What is wrong -> an entry that is no event."""
