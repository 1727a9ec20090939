"""What the service promises to its callers: `/openapi.json`, `/asyncapi.json` and the pages at `/docs`.

Request bodies come from the shapes that parse them, limits from the constants that are enforced, problems
from the table that is answered from, events from the codec, workers from the saga's table. What cannot be
taken from the code is written down once, beside its subject, and checked against every answer that the unit
tests of `tests/unit/http` ever get: status, headers, content type and body.

To describe a route, add an `Operation` to the file of its subject (a new file goes into `catalogue.py`):

    Operation(
        "GET", "/api/orders/{commande_id}", endpoint="orders.show", id="showOrder",
        summary="One order with its lines",
        answers=(Answer(200, "The order", ORDER),),
        problems=(NOT_FOUND,),
        examples=(Example("an order", path={"commande_id": "o-1"}),),
    )

Beside `problems`, each operation has those that its form brings about: every one 422, 500 and 503, one with a
body also 400, 413 and 415. A parameter of the path is described once, in `parameters.py`. A list says
`paged=True` and gets its Link header. Examples are run in the shop of `tests/unit/http/example_shop.py`;
`python -m tests.unit.http.examples` writes down what it answers, into `examples/`.
"""
