"""The gateway before the service as it runs, over real connections."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any, Final
from wsgiref.types import StartResponse, WSGIEnvironment

import httpx
import pytest
from werkzeug import Request, Response
from werkzeug.serving import make_server

from adapters.api_keys.api_key import ApiKey, new_secret, sha256_of
from adapters.api_keys.written import text_of
from adapters.inmemory.clock import FakeClock
from application.events.streams import CHECKOUTS
from tests.kong.declared import Declared
from tests.kong.front import consumer
from tests.kong.gateway import Gateway
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.running_service import Neighbour

pytest_plugins = ["tests.running_service"]
pytestmark = pytest.mark.slow

SECRET: Final = new_secret("shop")
KEY: Final = ApiKey(
    id="shop", sha256=sha256_of(SECRET), scopes=frozenset({"checkout:write", "read", "inventory:write"})
)
CHOREO: Final = "/api/ecommerce/api/commandes/clients/3f0d6c1e-8a4b-4a53-9d0e-2f6a7c1b5e90/checkout/choreo/"
CART: Final = {"panier": {"produits": [{"produit_id": "pencil", "quantite": 2, "prix_unitaire": 1.5}]}}
HOP_BY_HOP: Final = {"connection", "content-length", "transfer-encoding", "date", "server"}


class Upstream:
    """The service that `http` speaks to, as a WSGI application."""

    def __init__(self, http: httpx.Client) -> None:
        self._http: Final = http

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked = Request(environ)
        path = f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}"
        headers = [(name, value) for name, value in asked.headers if name.lower() not in HOP_BY_HOP]
        told = self._http.request(asked.method, path, headers=headers, content=asked.get_data())
        kept = [(name, value) for name, value in told.headers.items() if name not in HOP_BY_HOP]
        return Response(told.content, told.status_code, kept)(environ, start_response)


@contextmanager
def gateway_before(url: str) -> Iterator[tuple[str, str]]:
    """(where it is, the key that it takes)."""
    declared = Declared.read(f"consumers:\n{consumer('shop', SECRET)}")
    with httpx.Client(base_url=url, timeout=10.0, trust_env=False) as http:
        server = make_server("127.0.0.1", 0, Gateway(declared, Upstream(http), clock=FakeClock()))
        served = Thread(target=server.serve_forever)
        served.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", next(iter(declared.consumers()))
        finally:
            server.shutdown()
            served.join()
            server.server_close()


def test_a_checkout_goes_through_the_gateway_and_nothing_goes_around_its_keys(neighbour: "Neighbour") -> None:
    told = {"PORT": "0", "TRUSTED_PROXIES": "127.0.0.1", "API_KEYS": text_of(KEY)}
    with neighbour(**told) as service, gateway_before(service.front.url) as (url, key):
        with httpx.Client(base_url=url, headers={"x-api-key": key}, trust_env=False) as shop:
            receipt = shop.post("/api/ecommerce/api/inventory/pencil/receipts", json={"quantite": 5})
            started = shop.post(CHOREO, json=CART)
            ended: Any = eventually(lambda: _ended(shop, started.headers["Location"]), 30.0)
            replay = shop.get(ended["links"]["replay"]).json()
            listed = shop.get(f"/event-store/api/event-store/streams/{CHECKOUTS}/events?count=1")
            followed = shop.get(started.headers["Location"], headers={"Accept": "text/event-stream"})
            hidden = shop.get("/api/ecommerce/metrics")
        strangers = httpx.get(service.front.url + "/api/inventory/pencil", trust_env=False)

    assert (receipt.status_code, started.status_code) == (201, 202)
    assert started.json()["follow"] == started.headers["Location"]
    assert ended["status"] == replay["status"] == "succeeded"
    assert {event["correlation_id"] for event in replay["events"]} == {started.headers["X-Correlation-ID"]}
    assert listed.headers["Link"].startswith("</event-store/api/event-store/streams/")
    assert "CheckoutSucceeded" in followed.text
    assert hidden.status_code == 404
    assert strangers.status_code == 401


def _ended(shop: httpx.Client, path: str) -> dict[str, Any] | None:
    found: dict[str, Any] = shop.get(path).json()
    return found if found["status"] == "succeeded" else None
