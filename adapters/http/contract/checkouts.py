"""Checkouts: started, and asked after."""

from typing import Final, get_args

from adapters.codec.shapes import Schema
from adapters.http import checkout_body
from adapters.http import problem_kinds as kinds
from adapters.http.contract.operation import Answer, Example, Operation
from adapters.http.contract.parameters import (
    APPLIED,
    IDEMPOTENCY_KEY,
    LAST_EVENT_ID,
    LOCATION,
    PREFER,
    REPLAYED,
    VARY,
)
from adapters.http.contract.schemas import (
    FLAG,
    ID,
    PATH,
    POSITION,
    TEXT,
    VERSION,
    links,
    maybe,
    named,
    one_of,
    record,
)
from adapters.http.live.event_stream import EVENT_STREAM
from application.questions.replay_checkout import CheckoutStep, Status

TAG: Final = "Checkouts"

CHECKOUT: Final = "idgzxk6ufjcvfxjy"
"""The checkout of the examples; its id comes from the key, which was `cart-7f3a-1`."""

STATE: Final[dict[str, Schema]] = {
    "status": one_of(*get_args(Status)) | {"description": "What a shopper cares for."},
    "step": one_of(*get_args(CheckoutStep)) | {"description": "How far the saga has come."},
    "commande_id": maybe(ID),
    "reason": maybe(TEXT) | {"description": "Why it fails or has failed."},
    "stock_reserved": FLAG,
    "stock_released": FLAG,
}
LINKS: Final = links("self", "replay", "orders")
CHECKOUT_FIELDS: Final[dict[str, Schema]] = {
    "checkout_id": ID,
    "client_id": ID,
    **STATE,
    "version": VERSION,
    "position": POSITION | {"description": "Where its newest event is."},
    "links": named("CheckoutLinks"),
}
SCHEMAS: Final = {
    "StartedCheckout": record(
        checkout_id=ID, status=one_of("initiated"), position=POSITION, links=named("CheckoutLinks")
    ),
    "AcceptedCheckout": record(accepted={"const": True}, checkout_id=ID, follow=PATH),
    "Checkout": record(**CHECKOUT_FIELDS),
    "EndedShopCheckout": record(accepted={"const": True}, follow=PATH, **CHECKOUT_FIELDS),
    "CheckoutLinks": LINKS,
    "CheckoutForm": checkout_body.OWN.schema(),
    "ShopCheckoutForm": checkout_body.SHOP.schema(),
}

_STARTED: Final = (LOCATION, REPLAYED, APPLIED)
_LINE: Final = {"produit_id": "pencil", "quantite": 2, "prix_unitaire": "1.50", "nom_produit": "A pencil"}
_CART: Final = {"produits": [_LINE, {"produit_id": "notebook", "quantite": 1}]}
_ADDRESS: Final = {"rue": "12, rue du Port", "ville": "Sète"}

OPERATIONS: Final = (
    Operation(
        "POST",
        "/api/checkouts",
        endpoint="checkouts.start",
        id="startCheckout",
        summary="Start a checkout",
        description="Accepted once it is on the stream; the workers carry it to its end from there. Where it "
        "stands is told at `Location`. Amounts may be JSON numbers or text, both are kept exactly. `total` "
        "and `nombre_articles` may be left out; where they are given, they must agree with the lines.",
        parameters=(IDEMPOTENCY_KEY, PREFER),
        body=named("CheckoutForm"),
        answers=(
            Answer(202, "Accepted.", named("StartedCheckout"), headers=_STARTED),
            Answer(201, "It has ended meanwhile.", named("Checkout"), headers=_STARTED),
        ),
        problems=(kinds.IDEMPOTENCY_KEY_REUSED,),
        examples=(
            Example(
                "a cart of two lines",
                headers={"Idempotency-Key": "cart-81c0-1"},
                body={"client_id": "ada", "panier": _CART, "adresse_livraison": _ADDRESS},
            ),
            Example(
                "the same key again",
                headers={"Idempotency-Key": "cart-7f3a-1"},
                body={"client_id": "ada", "panier": {"produits": [_LINE]}},
            ),
        ),
    ),
    Operation(
        "POST",
        "/api/commandes/clients/{client_id}/checkout/choreo/",
        endpoint="checkouts.start_for_shop",
        id="startCheckoutForShop",
        summary="Start a checkout, as the existing shop asks for it",
        description="The existing shop's own path and body: the lines may be called `produits` or `lignes` "
        "(one of the two), and its own sums are not looked at. The rest is as for our own form.",
        parameters=(IDEMPOTENCY_KEY, PREFER),
        body=named("ShopCheckoutForm"),
        answers=(
            Answer(202, "Accepted.", named("AcceptedCheckout"), headers=_STARTED),
            Answer(201, "It has ended meanwhile.", named("EndedShopCheckout"), headers=_STARTED),
        ),
        problems=(kinds.IDEMPOTENCY_KEY_REUSED,),
        examples=(
            Example(
                "as the shop sends it",
                path={"client_id": "ada"},
                headers={"Idempotency-Key": "cart-81c0-2"},
                body={"panier": {"lignes": [_LINE | {"prix_total": 3.0}], "total": 3.0}},
            ),
        ),
    ),
    Operation(
        "GET",
        "/api/checkouts/{checkout_id}",
        endpoint="checkouts.show",
        id="showCheckout",
        summary="Where a checkout stands",
        description="Read from the checkout's own events, so it is never behind. As an event stream "
        "(`Accept: text/event-stream`), its events from the first, or after the last one seen, to its end.",
        parameters=(PREFER, LAST_EVENT_ID),
        validated=True,
        answers=(
            Answer(200, "The checkout now.", named("Checkout"), headers=(VARY, APPLIED)),
            Answer(200, "Its events as they come.", TEXT, headers=(VARY,), content_type=EVENT_STREAM),
            Answer(204, "It has ended, and its end was seen: no more events.", headers=(VARY,)),
        ),
        problems=(kinds.NOT_FOUND, kinds.TOO_MANY_FOLLOWERS),
        examples=(Example("one that has succeeded", path={"checkout_id": CHECKOUT}),),
    ),
)
