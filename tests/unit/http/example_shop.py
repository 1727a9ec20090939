"""The shop in which the contract's examples are run: in memory, and the same each time."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from adapters.http.contract.interventions import OPEN_CHECKOUT
from adapters.http.contract.operation import Example, Operation
from adapters.http.limits import HttpLimits
from adapters.inmemory.event_bus import fields_of
from application.events.streams import CALLS, CHECKOUTS
from application.ports.event_store import NewEvent, Write
from domain.calls.events import CallEvent, CallInDoubt, CallIntended
from domain.checkout.saga import DEADLINE, STOCK_RESERVATION
from tests.shop import Shop
from tests.unit.http.rig import client_of

PENCILS: Final = {
    "produit_id": "pencil", "quantite": 2, "prix_unitaire": "1.50", "nom_produit": "A pencil",
}  # fmt: skip
ERASERS: Final = {"produit_id": "eraser", "quantite": 3}


def example_client(limits: HttpLimits | None = None) -> FlaskClient:
    """A client of a shop where one checkout has succeeded, one has failed, one is open with a call in doubt,
    and one entry, which is no event, was set aside."""
    shop = Shop()
    shop.receive({"pencil": 40, "notebook": 12})
    client = client_of(shop.container, limits)
    for n, line in enumerate((PENCILS, ERASERS), 1):
        start(client, f"cart-7f3a-{n}", line)
        shop.run()
        shop.pass_time(5.0)
    malformed = fields_of(type="CheckoutInitiated", payload='{"checkout_id":', checkout_id="c-77")
    shop.log.add(CHECKOUTS, malformed)
    shop.run()
    shop.clock.advance(60.0)
    start(client, "cart-7f3a-3", PENCILS)
    shop.run(STOCK_RESERVATION, DEADLINE)
    doubt_a_sale(shop, OPEN_CHECKOUT)
    return client


def doubt_a_sale(shop: Shop, checkout_id: str) -> None:
    """Nobody knows whether the sale of its first line was entered in another service."""
    which = {"checkout_id": checkout_id, "call": "enter-1"}
    facts: tuple[CallEvent, ...] = (
        CallIntended(
            **which,
            attempt=1,
            operation="enter",
            key="Zk3VxQ0aT9fL",
            produit_id="pencil",
            units=2,
            client_id="ada",
        ),
        CallInDoubt(**which, attempt=1, reason="no answer within 5000 ms"),
    )
    events = tuple(NewEvent(event=fact, event_id=f"call-{n}") for n, fact in enumerate(facts))
    shop.store.append(CALLS, [(Write(entity=checkout_id, expected_version=0, events=events),)])
    shop.container.doubts().opened({checkout_id: shop.clock.now_s()})


def start(client: FlaskClient, key: str, line: Mapping[str, object]) -> None:
    form = {"client_id": "ada", "panier": {"produits": [line]}}
    response = client.post("/api/checkouts", json=form, headers={"Idempotency-Key": key})
    assert response.status_code == 202, response.text


def ask(client: FlaskClient, operation: Operation, example: Example) -> TestResponse:
    """The answer to an example."""
    path = operation.path.format_map(example.path)
    sent: dict[str, Any] = {} if operation.body is None else {"json": example.body}
    if example.query:
        path += f"?{urlencode(example.query)}"
    return client.open(path, method=operation.method, headers=dict(example.headers), **sent)
