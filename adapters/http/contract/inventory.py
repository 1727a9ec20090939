"""Stock."""

from typing import Final

from adapters.http import problem_kinds as kinds
from adapters.http.contract.operation import Answer, Example, Operation
from adapters.http.contract.parameters import IDEMPOTENCY_KEY, LOCATION, MIN_POSITION, REPLAYED
from adapters.http.contract.schemas import ID, NUMBER, POSITION, VERSION, links, named, record
from adapters.http.inventory import RECEIPT

TAG: Final = "Inventory"

SCHEMAS: Final = {
    "Stock": record(produit_id=ID, quantite_disponible=NUMBER, quantite_reservee=NUMBER, version=VERSION),
    "Receipt": record(
        produit_id=ID, quantite={"type": "integer", "minimum": 1}, position=POSITION, links=links("self")
    ),
    "ReceiptForm": RECEIPT.schema(),
}

OPERATIONS: Final = (
    Operation(
        "GET",
        "/api/inventory/{produit_id}",
        endpoint="inventory.show",
        id="showStock",
        summary="The stock of a product",
        description="Units that are free, and units held for checkouts under way or succeeded. It is never "
        "behind, so that `min_position` makes no difference.",
        parameters=(MIN_POSITION,),
        answers=(Answer(200, "The stock now.", named("Stock")),),
        problems=(kinds.NOT_FOUND,),
        examples=(Example("a product", path={"produit_id": "pencil"}),),
    ),
    Operation(
        "POST",
        "/api/inventory/{produit_id}/receipts",
        endpoint="inventory.receive",
        id="receiveStock",
        summary="Take units into stock",
        parameters=(IDEMPOTENCY_KEY,),
        body=named("ReceiptForm"),
        answers=(Answer(201, "They are in stock.", named("Receipt"), headers=(LOCATION, REPLAYED)),),
        problems=(kinds.IDEMPOTENCY_KEY_REUSED,),
        examples=(
            Example(
                "a delivery of 40",
                path={"produit_id": "pencil"},
                headers={"Idempotency-Key": "delivery-1184"},
                body={"quantite": 40},
            ),
        ),
    ),
)
