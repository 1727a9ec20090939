"""Orders."""

from typing import Final

from adapters.http import problem_kinds as kinds
from adapters.http.contract.checkouts import CHECKOUT
from adapters.http.contract.operation import Answer, Example, Operation
from adapters.http.contract.parameters import BEHIND, MIN_POSITION
from adapters.http.contract.schemas import AMOUNT, ID, SECONDS, TEXT, list_of, named, record

TAG: Final = "Orders"

SCHEMAS: Final = {
    "Order": record(
        commande_id=ID,
        checkout_id=ID,
        client_id=ID,
        produits=list_of(named("OrderLine")),
        total=AMOUNT,
        created_at=SECONDS,
    ),
    "OrderLine": record(
        ("prix_unitaire", "nom_produit"),
        produit_id=ID,
        quantite={"type": "integer", "minimum": 1},
        prix_unitaire=AMOUNT,
        nom_produit=TEXT,
    ),
}

OPERATIONS: Final = (
    Operation(
        "GET",
        "/api/orders/{commande_id}",
        endpoint="orders.show",
        id="showOrder",
        summary="One order with its lines",
        description="Which checkout has the order comes from the read model, the lines from its events.",
        parameters=(MIN_POSITION,),
        answers=(Answer(200, "The order.", named("Order")), BEHIND),
        problems=(kinds.NOT_FOUND,),
        examples=(Example("an order", path={"commande_id": f"o-{CHECKOUT}"}),),
    ),
)
