"""The payload of every event type: how it is read and how it is written."""

from collections.abc import Callable, Sequence
from typing import Any, Final, assert_never

from adapters.codec.calls import CALL_FIELDS, call_to_wire
from adapters.codec.carts import (
    CART,
    AddressShape,
    ShortagesShape,
    address_to_wire,
    cart_to_wire,
    shortage_to_wire,
)
from adapters.codec.shapes import Amount, Field, Identifier, Integer, ListOf, Record, Seconds, Text
from application.events.streams import Event
from domain.calls.events import CallFact
from domain.cart import LINES_MAX, PRICE_MAX, PRICE_PLACES_MAX, UNITS_MAX, Cart
from domain.checkout.events import (
    Address,
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
from domain.inventory.events import UnitsHeld, UnitsReceived, UnitsRefused, UnitsReleased
from domain.inventory.reservation import Shortage
from domain.inventory.stock_item import RECEIPT_UNITS_MAX
from domain.order.events import OrderCreated, OrderCreationFailed

ACTOR_CHARS_MAX = 200
REASON_CHARS_MAX = 20_000  # a hundred products that are short, each with its id

_CHECKOUT = Field("checkout_id", "checkout_id", Identifier())
_CLIENT = Field("client_id", "client_id", Identifier())
_REASON = Field("reason", "reason", Text(chars_max=REASON_CHARS_MAX))
_CART = Field("panier", "cart", CART)
_MAYBE_CART = Field("panier", "cart", CART, required=False)
_ACTOR = Field("actor", "actor", Text(chars_max=ACTOR_CHARS_MAX))
_SHORTAGES = Field("ruptures", "shortages", ShortagesShape(), required=False)
_ORDER = Field("commande_id", "commande_id", Identifier())
_PRODUCT = Field("produit_id", "produit_id", Identifier())
_UNITS = Field("quantite", "units", Integer(low=1, high=UNITS_MAX))
_TOTAL_MAX = PRICE_MAX * UNITS_MAX * LINES_MAX


def _record(build: Callable[..., Event], *fields: Field) -> Record[Event]:
    return Record(build=build, fields=fields)


def _maybe_client(build: Callable[..., Event], *fields: Field) -> Record[Event]:
    """Existing workers leave the client out of these."""

    def with_client(client_id: str | None = None, **found: object) -> Event:
        return build(client_id=client_id, **found)

    maybe = Field("client_id", "client_id", Identifier(), required=False)
    return Record(build=with_client, fields=(_CHECKOUT, maybe, *fields))


def _order_created(ventes: Sequence[str] = (), **found: Any) -> Event:
    return OrderCreated(ventes=tuple(ventes), **found)


def _deadline_postponed(expires_at_s: float | None = None, **found: Any) -> Event:
    return DeadlinePostponed(expires_at_s=expires_at_s, **found)


PAYLOADS: Final[dict[str, Record[Event]]] = {
    "CheckoutInitiated": _record(
        CheckoutInitiated,
        _CHECKOUT,
        _CLIENT,
        _CART,
        Field("adresse_livraison", "delivery_address", AddressShape(), required=False),
    ),
    "StockReserved": _record(StockReserved, _CHECKOUT, _CLIENT, _CART),
    "StockReservationFailed": _maybe_client(StockReservationFailed, _REASON, _SHORTAGES),
    "OrderCreated": _record(
        _order_created,
        _CHECKOUT,
        _CLIENT,
        _ORDER,
        Field("total", "total", Amount(places=PRICE_PLACES_MAX, high=_TOTAL_MAX), required=False),
        Field("ventes", "ventes", ListOf(item=Identifier(), high=LINES_MAX), required=False),
    ),
    "OrderCreationFailed": _maybe_client(OrderCreationFailed, _REASON, _MAYBE_CART),
    "StockReleased": _maybe_client(StockReleased, _MAYBE_CART),
    "CheckoutDeadlineExpired": _maybe_client(CheckoutDeadlineExpired, _REASON),
    "CompensationFailed": _maybe_client(CompensationFailed, _REASON),
    "CheckoutCancelled": _maybe_client(CheckoutCancelled, _ACTOR, _REASON),
    "StepRetried": _maybe_client(StepRetried, _ACTOR, _REASON),
    "CompensationForced": _maybe_client(CompensationForced, _ACTOR, _REASON),
    "CheckoutResolved": _maybe_client(CheckoutResolved, _ACTOR, _REASON),
    "DeadlinePostponed": _maybe_client(
        _deadline_postponed, _ACTOR, _REASON, Field("expires_at", "expires_at_s", Seconds(), required=False)
    ),
    "CheckoutSucceeded": _maybe_client(CheckoutSucceeded, _ORDER),
    "CheckoutFailed": _maybe_client(
        CheckoutFailed, _REASON, Field("source", "source", Identifier(), required=False), _SHORTAGES
    ),
    "UnitsReceived": _record(
        UnitsReceived, _PRODUCT, Field("quantite", "units", Integer(low=1, high=RECEIPT_UNITS_MAX))
    ),
    "UnitsHeld": _record(UnitsHeld, _PRODUCT, _CHECKOUT, _UNITS),
    "UnitsReleased": _record(UnitsReleased, _PRODUCT, _CHECKOUT, _UNITS),
    "UnitsRefused": _record(UnitsRefused, _PRODUCT, _CHECKOUT),
    **{event_type.__name__: _record(event_type, *fields) for event_type, fields in CALL_FIELDS.items()},
}
"""Event type -> the shape of its payload."""


def payload_of(event: Event) -> dict[str, object]:
    """What goes on the wire for `event`, without the time. Fields that are None are left out."""
    match event:
        case UnitsReceived():
            return {"produit_id": event.produit_id, "quantite": event.units}
        case UnitsRefused():
            return {"produit_id": event.produit_id, "checkout_id": event.checkout_id}
        case UnitsHeld() | UnitsReleased():
            ids = {"produit_id": event.produit_id, "checkout_id": event.checkout_id}
            return {**ids, "quantite": event.units}
        case CallFact():
            return call_to_wire(event)
        case _:
            return {"checkout_id": event.checkout_id, **_client(event.client_id), **_facts(event)}


def _facts(event: CheckoutEvent) -> dict[str, object]:
    """The fields of a checkout's event beyond its ids."""
    match event:
        case CheckoutInitiated(cart=cart, delivery_address=address):
            return {"panier": cart_to_wire(cart), **_address(address)}
        case StockReserved(cart=cart):
            return {"panier": cart_to_wire(cart)}
        case StockReservationFailed(reason=reason, shortages=shortages):
            return {"reason": reason, **_shortages(shortages)}
        case OrderCreated(commande_id=commande_id, total=total, ventes=ventes):
            known = {} if total is None else {"total": float(total)}
            return {"commande_id": commande_id, **known, **({"ventes": list(ventes)} if ventes else {})}
        case OrderCreationFailed(reason=reason, cart=cart):
            return {"reason": reason, **_maybe_panier(cart)}
        case StockReleased(cart=cart):
            return _maybe_panier(cart)
        case CheckoutDeadlineExpired(reason=reason) | CompensationFailed(reason=reason):
            return {"reason": reason}
        case CheckoutCancelled() | StepRetried() | CompensationForced() | CheckoutResolved():
            return {"actor": event.actor, "reason": event.reason}
        case DeadlinePostponed():
            until = {} if event.expires_at_s is None else {"expires_at": event.expires_at_s}
            return {"actor": event.actor, "reason": event.reason, **until}
        case CheckoutSucceeded(commande_id=commande_id):
            return {"commande_id": commande_id}
        case CheckoutFailed(reason=reason, source=source, shortages=shortages):
            return {"reason": reason, **({"source": source} if source else {}), **_shortages(shortages)}
        case _:
            assert_never(event)


def _client(client_id: str | None) -> dict[str, object]:
    return {} if client_id is None else {"client_id": client_id}


def _address(address: Address | None) -> dict[str, object]:
    return {} if address is None else {"adresse_livraison": address_to_wire(address)}


def _maybe_panier(cart: Cart | None) -> dict[str, object]:
    return {} if cart is None else {"panier": cart_to_wire(cart)}


def _shortages(shortages: tuple[Shortage, ...]) -> dict[str, object]:
    return {"ruptures": [shortage_to_wire(short) for short in shortages]} if shortages else {}
