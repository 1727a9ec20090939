"""Requests to the API on a connection that is kept, and the times they take."""

import http.client
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

import orjson

from adapters.codec.carts import cart_to_wire
from domain.checkout.events import CheckoutInitiated

TIMEOUT_S: Final = 10.0
_HEADERS: Final = {"Content-Type": "application/json"}


@contextmanager
def connected(url: str) -> Iterator[http.client.HTTPConnection]:
    """A connection to the server behind `url`."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT_S)
    try:
        yield connection
    finally:
        connection.close()


def body_of(start: CheckoutInitiated) -> bytes:
    """What a shop posts to start that checkout; its id is made by the service."""
    return orjson.dumps({"client_id": start.client_id, "panier": cart_to_wire(start.cart)})


def post_checkout(connection: http.client.HTTPConnection, body: bytes) -> str:
    """Start a checkout; its id."""
    connection.request("POST", "/api/checkouts", body, _HEADERS)
    response = connection.getresponse()
    answer = response.read()
    assert response.status == http.HTTPStatus.ACCEPTED, answer
    return str(orjson.loads(answer)["checkout_id"])


def get_ms(connection: http.client.HTTPConnection, path: str) -> float:
    """How long the answer to a GET takes, whole, in milliseconds."""
    began_s = time.perf_counter()
    connection.request("GET", path)
    response = connection.getresponse()
    answer = response.read()
    took_s = time.perf_counter() - began_s
    assert response.status == http.HTTPStatus.OK, answer
    return took_s * 1000


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that `percent` of the `values`, in whatever order, do not exceed."""
    ordered = sorted(values)
    place = -(-len(ordered) * percent // 100)  # rounded up
    return ordered[max(0, int(place) - 1)]
