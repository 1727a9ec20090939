"""Clients of the existing services, as quick and as impatient as tests want them."""

import time
from collections.abc import Callable

import attrs
import httpx
from prometheus_client import CollectorRegistry

from adapters.http.existing.attempts import CallLimits
from adapters.http.existing.breaker import Breaker
from adapters.http.existing.client import http_client
from adapters.http.existing.inventory import HttpInventory
from adapters.http.existing.key import ApiKey
from adapters.http.existing.orders import HttpOrders
from adapters.http.existing.service import ServiceClient
from adapters.telemetry.service_calls import ServiceFigures
from application.ports.existing_services import Call
from tests.sandbox import API_KEY

LIMITS = CallLimits(
    connect_timeout_ms=500,
    read_timeout_ms=300,
    call_max_ms=5_000,
    attempts_max=3,
    retry_base_ms=1,
    retry_max_ms=5,
)
CALL = Call(key="k-1", traceparent=f"00-{'a' * 32}-{'b' * 16}-01", correlation_id="c-1")


@attrs.frozen
class Existing:
    """Both services through one gateway, and what is counted of them."""

    inventory: HttpInventory
    orders: HttpOrders
    registry: CollectorRegistry

    def count(self, name: str, **labels: str) -> float:
        """A metric; 0 where there is none."""
        return self.registry.get_sample_value(name, labels) or 0.0


def existing(
    where: str | httpx.Client,
    *,
    repeatable: bool = False,
    limits: CallLimits = LIMITS,
    failures_max: int = 1_000,
    open_s: float = 60.0,
    monotonic_s: Callable[[], float] = time.monotonic,
    api_key: ApiKey | None = None,
) -> Existing:
    """At a URL, or on a client that is there already."""
    registry = CollectorRegistry()
    figures = ServiceFigures(registry)
    http = (
        where
        if isinstance(where, httpx.Client)
        else http_client(where, limits, connections_max=8, keepalive_ms=1_500)
    )

    def client(name: str) -> ServiceClient:
        return ServiceClient(
            name=name,
            http=http,
            api_key=api_key or ApiKey(API_KEY),
            breaker=Breaker(name, figures, failures_max=failures_max, open_s=open_s, monotonic_s=monotonic_s),
            figures=figures,
            limits=limits,
            repeatable=repeatable,
        )

    return Existing(HttpInventory(client("inventory")), HttpOrders(client("orders"), "m"), registry)


def answering(*answers: httpx.Response | Exception) -> tuple[httpx.Client, list[httpx.Request]]:
    """A client that is given these answers, the last one again and again; and what it has sent."""
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        given = answers[min(len(sent), len(answers)) - 1]
        if isinstance(given, Exception):
            raise given
        return fresh(given)

    return asking(answer), sent


def asking(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.Client:
    """A client that is answered by a function."""
    return httpx.Client(transport=httpx.MockTransport(answer), base_url="http://kong/base/")


def fresh(answer: httpx.Response) -> httpx.Response:
    """The same answer, as one that is still to be read."""
    return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(answer.content))


Ask = Callable[[Existing], object]


def take(at: Existing) -> None:
    """Take one unit."""
    at.inventory.take(produit_id="p", units=1, call=CALL)


def enter(at: Existing) -> str:
    """Enter a sale."""
    return at.orders.enter(client_id="c", produit_id="p", units=2, call=CALL)


def cancel(at: Existing) -> None:
    """Cancel a sale."""
    at.orders.cancel(vente_id="v-1", reason="refused", call=CALL)
