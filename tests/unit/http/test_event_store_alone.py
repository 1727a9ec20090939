"""The event store API as a process of its own: it reads, and holds nothing else."""

import pytest
from flask.testing import FlaskClient

from adapters.http.contract.document import document
from adapters.http.contract.page_files import FILES
from adapters.http.limits import HttpLimits
from application.events.streams import CHECKOUTS
from entrypoints.api import application_of as whole_application_of
from entrypoints.event_store import application_of
from tests.shop import CLIENT, Shop
from tests.unit.http.conformance import CheckedClient, contract, openapi_path

READING = {"GET", "HEAD"}


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.receive({"p-1": 1})
    return shop


@pytest.fixture
def client(shop: Shop) -> FlaskClient:
    app = application_of(shop.container)
    app.test_client_class = CheckedClient
    return app.test_client()


def test_it_answers_replay_listing_and_queries_as_the_whole_api_does(shop: Shop, client: FlaskClient) -> None:
    checkout_id = shop.start({"p-1": 1})
    shop.run()
    whole = whole_application_of(shop.container).test_client()

    for path in (
        f"/api/event-store/replay/checkout/{checkout_id}",
        f"/api/event-store/streams/{CHECKOUTS}/events",
        f"/api/event-store/cqrs/orders-by-client/{CLIENT}",
        f"/api/orders/o-{checkout_id}",
        "/problems/not-found",
        "/readyz",
        "/asyncapi.json",
        "/docs",
        *(f"/docs/{name}" for name in FILES),
    ):
        assert client.get(path).status_code == 200, path
        assert client.get(path).data == whole.get(path).data


def test_its_own_document_has_every_route_of_it_and_no_other(client: FlaskClient) -> None:
    shown = client.get("/openapi.json").get_json()

    assert shown == document(HttpLimits(), of="event store")
    assert shown["paths"].keys() == {
        openapi_path(rule.rule) for rule in client.application.url_map.iter_rules()
    }
    assert shown["info"]["title"] == "Comptoir's event store"
    assert "Idempotency-Key" not in shown["info"]["description"]


def test_what_it_promises_is_what_the_whole_api_promises() -> None:
    shown = document(HttpLimits(), of="event store")

    assert shown["paths"].items() <= contract()["paths"].items()
    for kind, components in shown["components"].items():
        assert components.items() <= contract()["components"][kind].items()
    assert "CheckoutForm" not in shown["components"]["schemas"]
    assert "Replay" in shown["components"]["schemas"]


def test_no_route_of_it_does_anything_but_read(client: FlaskClient) -> None:
    rules = list(client.application.url_map.iter_rules())

    assert len(rules) > 5
    assert {method for rule in rules for method in rule.methods or ()} == READING


@pytest.mark.parametrize("path", ["/api/checkouts", "/api/inventory/p-1/receipts", "/api/dead-letters"])
def test_what_the_checkout_api_does_is_not_there(client: FlaskClient, path: str) -> None:
    assert client.post(path, json={}).status_code == 404
