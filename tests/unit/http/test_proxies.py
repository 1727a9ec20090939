"""What a gateway says of a request is believed of those that are trusted, as far as it can be true."""

from collections.abc import Iterable, Iterator
from ipaddress import ip_network
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import attrs
import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from adapters.http import links
from adapters.http.door.admission import Gate, Gates
from adapters.http.door.proxies import CONSUMER_CHARS_MAX, PREFIX_CHARS_MAX, Proxies, consumer
from adapters.http.limits import HttpLimits
from tests.each_row import each_row
from tests.unit.http.rig import CHOREO, EVENTS, START, Rig, assert_problem, body, order_of

GATEWAY = "10.0.0.7"
STRANGER = "203.0.113.9"
TRUSTED = (ip_network(GATEWAY), ip_network("10.1.0.0/16"), ip_network("fd00::/8"))
UNDER = {"X-Forwarded-Prefix": "/api/ecommerce"}
SHOP_CART = {"panier": body()["panier"]}


@pytest.fixture
def rig() -> Rig:
    return Rig.build(trusted_proxies=TRUSTED)


def seen(peer: str, **said: str) -> dict[str, Any]:
    """What the application makes of a request that `peer` sends; `X_Some_Header="x"` is a header."""
    found: dict[str, Any] = {}

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        found.update(environ, prefix=links.PREFIX.get())
        with Flask(__name__).request_context(environ):
            found["consumer"] = consumer()
        start_response("204 No Content", [])
        return []

    headers = {name.replace("_", "-"): value for name, value in said.items()}
    Client(Proxies(application, TRUSTED)).get("/", headers=headers, environ_base={"REMOTE_ADDR": peer})
    return found


def through(rig: Rig, path: str, peer: str = GATEWAY, **more: Any) -> TestResponse:
    """What a gateway at `peer` is answered that cut /api/ecommerce off."""
    headers = UNDER | more.pop("headers", {})
    return rig.client.open(path, headers=headers, environ_base={"REMOTE_ADDR": peer}, **more)


def links_in(value: object) -> Iterator[str]:
    """Every path in a body."""
    match value:
        case str() if value.startswith("/"):
            yield value
        case dict():
            for part in value.values():
                yield from links_in(part)
        case list():
            for part in value:
                yield from links_in(part)


def test_every_link_begins_with_what_the_gateway_cut_off(rig: Rig) -> None:
    rig.given("k1", *order_of("k1", "o1"))
    started = through(rig, START, method="POST", json=body())
    chosen = through(rig, CHOREO, method="POST", json=SHOP_CART)
    received = through(rig, "/api/inventory/p1/receipts", method="POST", json={"quantite": 1})
    shown = through(rig, "/api/checkouts/k1")
    page = through(rig, f"{EVENTS}?count=1")

    at = "/api/ecommerce/api/checkouts/"
    assert started.headers["Location"] == at + started.get_json()["checkout_id"]
    assert chosen.headers["Location"] == at + chosen.get_json()["checkout_id"] == chosen.get_json()["follow"]
    assert received.headers["Location"] == "/api/ecommerce/api/inventory/p1"
    assert page.headers["Link"].startswith(f"</api/ecommerce{EVENTS}?count=1&after=")
    for answer in (started, chosen, received, shown):
        found = list(links_in(answer.json))
        assert found
        assert all(link.startswith("/api/ecommerce/api/") for link in found)


def test_a_problem_is_explained_where_the_caller_can_read_it(rig: Rig) -> None:
    nowhere = through(rig, "/nowhere")
    assert_problem(
        nowhere,
        404,
        type="/api/ecommerce/problems/not-found",
        detail="there is nothing at /nowhere; /api/ecommerce/docs lists what there is",
    )
    assert_problem(
        through(rig, START, method="POST", json={}), 422, type="/api/ecommerce/problems/invalid-value"
    )


def test_who_is_turned_away_reads_where_too() -> None:
    full = attrs.evolve(Gates.of(HttpLimits()), work=Gate(0))
    rig = Rig.build(gates=full, trusted_proxies=TRUSTED)

    assert_problem(through(rig, "/nowhere"), 503, type="/api/ecommerce/problems/overloaded")
    assert_problem(through(rig, "/nowhere", peer=STRANGER), 503, type="/problems/overloaded")


def test_a_link_is_as_it_was_for_whoever_comes_next(rig: Rig) -> None:
    rig.given("k1", *order_of("k1", "o1"))
    through(rig, "/api/checkouts/k1")

    assert rig.get("/api/checkouts/k1")["links"]["self"] == "/api/checkouts/k1"


def test_nobody_is_believed_where_nobody_is_trusted() -> None:
    rig = Rig.build()
    rig.given("k1", *order_of("k1", "o1"))

    assert (
        through(rig, "/api/checkouts/k1", peer="127.0.0.1").get_json()["links"]["self"] == "/api/checkouts/k1"
    )


@each_row("peer", [STRANGER, "10.0.0.8", "::1", "::ffff:203.0.113.9", "", "unix:"])
def test_what_a_stranger_says_of_himself_is_dropped(peer: str) -> None:
    found = seen(
        peer,
        X_Forwarded_Prefix="/forged",
        X_Forwarded_For="192.0.2.1",
        X_Forwarded_Proto="https",
        X_Forwarded_Host="forged.example",
        X_Forwarded_Port="1",
        X_Consumer_Username="operations",
    )

    assert (found["prefix"], found["SCRIPT_NAME"], found["consumer"]) == ("", "", None)
    assert (found["REMOTE_ADDR"], found["wsgi.url_scheme"], found["HTTP_HOST"]) == (peer, "http", "localhost")
    assert not [name for name in found if name.startswith(("HTTP_X_FORWARDED", "HTTP_X_CONSUMER"))]


@each_row("peer", [GATEWAY, "10.1.255.1", "fd00::1", "::ffff:10.0.0.7"])
def test_what_a_gateway_says_is_believed(peer: str) -> None:
    found = seen(
        peer,
        X_Forwarded_Prefix="/event-store",
        X_Forwarded_For="192.0.2.1",
        X_Forwarded_Proto="https",
        X_Forwarded_Host="shop.example",
        X_Forwarded_Port="8443",
        X_Consumer_Username="shop",
    )

    assert (found["prefix"], found["SCRIPT_NAME"], found["consumer"]) == (
        "/event-store",
        "/event-store",
        "shop",
    )
    assert (found["REMOTE_ADDR"], found["wsgi.url_scheme"]) == ("192.0.2.1", "https")
    assert (found["HTTP_HOST"], found["SERVER_PORT"]) == ("shop.example:8443", "8443")


@each_row(
    ("hops", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.66, 192.0.2.1", "192.0.2.1"),
        ("192.0.2.1, 10.1.0.4, 10.0.0.7", "192.0.2.1"),
        ("2001:db8::1,fd00::5", "2001:db8::1"),
        ("10.1.0.4, 10.0.0.7", "10.1.0.4"),
        ("forged, 10.1.0.4", "10.1.0.4"),
        ("192.0.2.1, unknown", GATEWAY),
        ("", GATEWAY),
        (",", GATEWAY),
        ("192.0.2.1:443", GATEWAY),
        (", ".join(["192.0.2.1", *(["10.1.0.4"] * 40)]), "10.1.0.4"),
    ],
)
def test_the_client_is_the_last_that_is_no_proxy_of_ours(hops: str, client: str) -> None:
    assert seen(GATEWAY, X_Forwarded_For=hops)["REMOTE_ADDR"] == client


@each_row("given", ["/a", "/api/ecommerce", "/v1.2/shop_1-x~", "/" + "p" * (PREFIX_CHARS_MAX - 1)])
def test_a_prefix_is_a_path(given: str) -> None:
    assert seen(GATEWAY, X_Forwarded_Prefix=given)["prefix"] == given


def test_a_slash_at_the_end_of_a_prefix_makes_no_difference() -> None:
    assert seen(GATEWAY, X_Forwarded_Prefix="/event-store/")["prefix"] == "/event-store"


@each_row(
    "given",
    [
        "",
        "/",
        "//evil.example",
        "/a//b",
        "a/b",
        "https://evil.example",
        "/a/../b",
        "/..",
        "/a/./b",
        "/.well-known",
        "/a b",
        "/a\tb",
        "/a%2f",
        "/a?b",
        "/a#b",
        "/a,/b",
        "/a>; rel=x",
        '/"a"',
        "/caf\xe9",
        "/" + "p" * PREFIX_CHARS_MAX,
    ],
)
def test_what_is_no_path_is_no_prefix(given: str) -> None:
    found = seen(GATEWAY, X_Forwarded_Prefix=given)

    assert (found["prefix"], found["SCRIPT_NAME"]) == ("", "")


@each_row("given", ["", "a b", "caf\xe9", "x" * (CONSUMER_CHARS_MAX + 1)])
def test_a_name_that_is_none_names_nobody(given: str) -> None:
    assert seen(GATEWAY, X_Consumer_Username=given)["consumer"] is None


@each_row(
    ("header", "value"),
    [
        ("X_Forwarded_Proto", "gopher"),
        ("X_Forwarded_Proto", "https, http"),
        ("X_Forwarded_Host", "evil example"),
        ("X_Forwarded_Host", "a.example/path"),
        ("X_Forwarded_Port", "0"),
        ("X_Forwarded_Port", "123456"),
    ],
)
def test_what_no_gateway_would_say_is_left_aside(header: str, value: str) -> None:
    found = seen(GATEWAY, **{header: value})

    assert (found["wsgi.url_scheme"], found["HTTP_HOST"], found["SERVER_PORT"]) == ("http", "localhost", "80")


def test_an_answer_that_is_still_being_made_keeps_its_links() -> None:
    closed = []

    def parts() -> Iterator[bytes]:
        try:
            for name in ("k1", "k2"):
                yield links.checkout(name).encode()
        finally:
            closed.append(links.PREFIX.get())

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        return parts()

    client = Client(Proxies(application, TRUSTED))
    answer = client.get("/", headers=UNDER, environ_base={"REMOTE_ADDR": GATEWAY}, buffered=True)

    assert answer.text == "/api/ecommerce/api/checkouts/k1/api/ecommerce/api/checkouts/k2"
    assert closed == ["/api/ecommerce"]
    assert links.PREFIX.get() == ""
