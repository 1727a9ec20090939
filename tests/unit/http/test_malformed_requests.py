"""What a request may get wrong, and what it is told: one table."""

from io import BytesIO

import orjson
import pytest
from werkzeug.test import TestResponse

from adapters.http.app import HttpLimits
from application.events.streams import CHECKOUTS
from tests.each_row import each_row
from tests.unit.http.rig import CHOREO, EVENTS, JSON, START, Rig, assert_problem, body, cart_of, priced

RECEIPTS = "/api/inventory/p1/receipts"
REPLAY = "/api/event-store/replay/checkout/k1"
TEXT = {"Content-Type": "text/plain"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NONE: dict[str, str] = {}
LINE = {"produit_id": "p1", "quantite": 1}
PRICED = LINE | {"prix_unitaire": 2.5}
TOO_LONG = "x" * 65_537
LONG_PRICE = "10." + "0" * 40 + "1"


def panier(**fields: object) -> dict[str, object]:
    return body(panier={"produits": [PRICED], **fields})


Row = tuple[str, str, dict[str, str], object, int, str | None]

MALFORMED: list[Row] = [
    # the body as a whole
    ("POST", START, NONE, body(), 415, "Content-Type"),
    ("POST", START, TEXT, body(), 415, "Content-Type"),
    ("POST", START, FORM, "client_id=c1", 415, "Content-Type"),
    ("POST", RECEIPTS, TEXT, {"quantite": 1}, 415, "Content-Type"),
    ("POST", CHOREO, TEXT, {}, 415, "Content-Type"),
    ("POST", START, JSON, "", 400, "body"),
    ("POST", START, JSON, "{", 400, "body"),
    ("POST", START, JSON, '{"client_id": "c1",}', 400, "body"),
    ("POST", START, JSON, b"\xff{}", 400, "body"),
    ("POST", START, JSON, b"\xef\xbb\xbf{}", 400, "body"),
    ("POST", START, JSON, '{"client_id": "\\ud800"}', 400, "body"),
    ("POST", START, JSON, "[" * 20_000, 400, "body"),
    ("POST", START, JSON, "[" * 990 + "]" * 990, 400, "body"),
    ("POST", START, JSON, priced("NaN"), 400, "body"),
    ("POST", START, JSON, priced("Infinity"), 400, "body"),
    ("POST", START, JSON, priced("1e400"), 400, "body"),
    ("POST", START, JSON, priced("1e-99999999999999999999"), 400, "body"),
    ("POST", START, JSON, TOO_LONG, 413, "body"),
    ("POST", START, JSON, [body()], 422, "body"),
    ("POST", START, JSON, "null", 422, "body"),
    ("POST", RECEIPTS, JSON, "3", 422, "body"),
    ("POST", START, JSON, '{"client_id":"c1","client_id":"c2"}', 422, "client_id"),
    # its fields
    ("POST", START, JSON, {}, 422, "client_id"),
    ("POST", START, JSON, {"client_id": "c1"}, 422, "panier"),
    ("POST", START, JSON, body(client_id=None), 422, "client_id"),
    ("POST", START, JSON, body(client_id=""), 422, "client_id"),
    ("POST", START, JSON, body(client_id="c 1"), 422, "client_id"),
    ("POST", START, JSON, body(client_id="c1\n"), 422, "client_id"),
    ("POST", START, JSON, body(client_id="é"), 422, "client_id"),
    ("POST", START, JSON, body(client_id="c" * 129), 422, "client_id"),
    ("POST", START, JSON, body(client_id=7), 422, "client_id"),
    ("POST", START, JSON, body(adress_livraison="x"), 422, "adress_livraison"),
    ("POST", START, JSON, body(adresse_livraison=7), 422, "adresse_livraison"),
    ("POST", START, JSON, body(adresse_livraison="x" * 501), 422, "adresse_livraison"),
    ("POST", START, JSON, body(adresse_livraison={"rue": 7}), 422, "adresse_livraison.rue"),
    ("POST", START, JSON, body(panier=[]), 422, "panier"),
    ("POST", START, JSON, body(panier={}), 422, "panier.produits"),
    ("POST", START, JSON, body(panier={"produits": []}), 422, "panier.produits"),
    ("POST", START, JSON, body(panier={"produits": {}}), 422, "panier.produits"),
    ("POST", START, JSON, body(panier={"produits": [LINE] * 101}), 422, "panier.produits"),
    ("POST", START, JSON, body(panier={"lignes": [LINE]}), 422, "panier.lignes"),
    ("POST", START, JSON, panier(client_id="c2"), 422, "panier.client_id"),
    ("POST", START, JSON, panier(nombre_articles=2), 422, "panier.nombre_articles"),
    ("POST", START, JSON, panier(nombre_articles="1"), 422, "panier.nombre_articles"),
    ("POST", START, JSON, panier(total=2.4), 422, "panier.total"),
    ("POST", START, JSON, panier(total=-1), 422, "panier.total"),
    ("POST", START, JSON, body(panier={"produits": ["p1"]}), 422, "panier.produits[0]"),
    ("POST", START, JSON, cart_of(produit_id=None), 422, "panier.produits[0].produit_id"),
    ("POST", START, JSON, cart_of(produit_id="p/1"), 422, "panier.produits[0].produit_id"),
    ("POST", START, JSON, cart_of(quantite=None), 422, "panier.produits[0].quantite"),
    ("POST", START, JSON, cart_of(quantite=0), 422, "panier.produits[0].quantite"),
    ("POST", START, JSON, cart_of(quantite=-1), 422, "panier.produits[0].quantite"),
    ("POST", START, JSON, cart_of(quantite=100_001), 422, "panier.produits[0].quantite"),
    ("POST", START, JSON, cart_of(quantite=1.0), 422, "panier.produits[0].quantite"),
    ("POST", START, JSON, cart_of(quantite="1"), 422, "panier.produits[0].quantite"),
    ("POST", START, JSON, cart_of(quantite=True), 422, "panier.produits[0].quantite"),
    ("POST", START, JSON, body(panier={"produits": [LINE, {}]}), 422, "panier.produits[1].produit_id"),
    (
        "POST", START, JSON, body(panier={"produits": [LINE | {"quantite": 60_000}] * 2}), 422, "quantite"
    ),
    ("POST", START, JSON, cart_of(quantity=1), 422, "panier.produits[0].quantity"),
    ("POST", START, JSON, cart_of(nom_produit="x" * 201), 422, "panier.produits[0].nom_produit"),
    ("POST", START, JSON, priced("-0.01"), 422, "panier.produits[0].prix_unitaire"),
    ("POST", START, JSON, priced("0.00001"), 422, "panier.produits[0].prix_unitaire"),
    ("POST", START, JSON, priced("10.000000000000000001"), 422, "panier.produits[0].prix_unitaire"),
    ("POST", START, JSON, priced(LONG_PRICE), 422, "panier.produits[0].prix_unitaire"),
    ("POST", START, JSON, priced(f'"{LONG_PRICE}"'), 422, "panier.produits[0].prix_unitaire"),
    ("POST", START, JSON, priced("10000000000"), 422, "panier.produits[0].prix_unitaire"),
    ("POST", START, JSON, priced("1e300"), 422, "panier.produits[0].prix_unitaire"),
    ("POST", START, JSON, priced("1e-300"), 422, "panier.produits[0].prix_unitaire"),
    ("POST", START, JSON, priced('"NaN"'), 422, "panier.produits[0].prix_unitaire"),
    ("POST", START, JSON, priced("true"), 422, "panier.produits[0].prix_unitaire"),
    ("POST", RECEIPTS, JSON, {}, 422, "quantite"),
    ("POST", RECEIPTS, JSON, {"quantite": 0}, 422, "quantite"),
    ("POST", RECEIPTS, JSON, {"quantite": 1_000_001}, 422, "quantite"),
    ("POST", RECEIPTS, JSON, {"quantite": 1, "unit": "kg"}, 422, "unit"),
    ("POST", RECEIPTS, JSON | {"Idempotency-Key": ""}, {"quantite": 1}, 422, "Idempotency-Key"),
    # ids in the path
    ("GET", "/api/checkouts/k%201", NONE, "", 422, "checkout_id"),
    ("GET", f"/api/checkouts/{'k' * 129}", NONE, "", 422, "checkout_id"),
    ("GET", "/api/event-store/replay/checkout/%C3%A9", NONE, "", 422, "checkout_id"),
    ("GET", "/api/event-store/cqrs/orders-by-client/*", NONE, "", 422, "client_id"),
    ("GET", "/api/inventory/p%0A1", NONE, "", 422, "produit_id"),
    ("GET", "/api/orders/o%001", NONE, "", 422, "commande_id"),
    ("POST", "/api/inventory/p%FF/receipts", JSON, {"quantite": 1}, 422, "produit_id"),
    # query parameters
    ("GET", f"{EVENTS}?limit=3", NONE, "", 422, "limit"),
    ("GET", f"{EVENTS}?count=1&count=2", NONE, "", 422, "count"),
    ("GET", f"{EVENTS}?order=up", NONE, "", 422, "order"),
    ("GET", f"{EVENTS}?order=", NONE, "", 422, "order"),
    ("GET", f"{EVENTS}?type=", NONE, "", 422, "type"),
    ("GET", f"{EVENTS}?type={'x' * 129}", NONE, "", 422, "type"),
    ("GET", f"{EVENTS}?after=", NONE, "", 422, "after"),
    ("GET", f"{EVENTS}?after=%24", NONE, "", 422, "after"),
    ("GET", f"{EVENTS}?after=(1-0", NONE, "", 422, "after"),
    ("GET", f"{EVENTS}?after=%D9%A1-0", NONE, "", 422, "after"),
    ("GET", f"{REPLAY}?asof=1", NONE, "", 422, "asof"),
    ("GET", "/api/checkouts/k1?verbose", NONE, "", 422, "verbose"),
    ("GET", "/api/inventory/p1?count=1", NONE, "", 422, "count"),
    ("POST", f"{START}?dry_run=1", JSON, body(), 422, "dry_run"),
    # paths and methods
    ("GET", "/", NONE, "", 404, None),
    ("GET", "/api/checkout", NONE, "", 404, None),
    ("GET", "//api/checkouts/k1", NONE, "", 404, None),
    ("GET", "/api/checkouts/k1/../k2", NONE, "", 404, None),
    ("GET", "/static/app.py", NONE, "", 404, None),
    ("GET", START, NONE, "", 405, None),
    ("OPTIONS", START, NONE, "", 405, None),
    ("DELETE", "/api/checkouts/k1", NONE, "", 405, None),
]  # fmt: skip


@each_row("row", MALFORMED)
def test_a_malformed_request_is_told_what_is_wrong(rig: Rig, row: Row) -> None:
    method, path, headers, sent, status, field = row

    response = send(rig, method, path, headers, sent)

    found = assert_problem(response, status, **({} if field is None else {"field": field}))
    if field is not None:
        assert field in found["detail"] or field == "body"
        assert found["limit"]
    assert rig.get(EVENTS)["events"] == []


def send(rig: Rig, method: str, path: str, headers: dict[str, str], sent: object) -> TestResponse:
    if isinstance(sent, str | bytes):
        return rig.client.open(path, method=method, headers=headers, data=sent)
    return rig.client.open(path, method=method, headers=headers, data=rig.client.application.json.dumps(sent))


def test_a_body_that_is_cut_short_is_told_where(rig: Rig) -> None:
    found = assert_problem(rig.post(START, '{"client_id":\n  nobody}'), 400, type="/problems/broken-json")

    assert "line 2 column 3" in found["detail"]


def test_an_unknown_parameter_is_told_the_known_ones(rig: Rig) -> None:
    found = assert_problem(rig.client.get(f"{EVENTS}?limit=3"), 422)

    assert found["limit"] == "is not a parameter here; known: after, count, order, type"


def test_a_body_that_ends_before_it_should_is_not_taken_for_whole(rig: Rig) -> None:
    whole = orjson.dumps(body())
    said = {"CONTENT_LENGTH": str(len(whole) + 1)}

    response = rig.client.post(START, data=whole, headers=JSON, environ_overrides=said)

    assert_problem(response, 400)
    assert not rig.log.stream(CHECKOUTS).entries


def test_a_json_body_may_name_its_charset(rig: Rig) -> None:
    assert rig.post(START, body(), Content_Type="application/json; charset=utf-8").status_code == 202


def test_a_body_at_the_limit_is_read(rig: Rig) -> None:
    padded = rig.client.application.json.dumps(body()).ljust(65_536)

    assert rig.post(START, padded).status_code == 202


@pytest.mark.parametrize(("size", "status"), [(1_024, 202), (1_025, 413)])
def test_the_limit_holds_for_a_body_that_does_not_say_its_length(size: int, status: int) -> None:
    rig = Rig.build(HttpLimits(body_max_bytes=1_024))
    padded = rig.client.application.json.dumps(body()).ljust(size).encode()

    response = rig.client.post(
        START,
        input_stream=BytesIO(padded),
        headers=JSON | {"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )

    assert response.status_code == status
    if status == 413:
        assert_problem(response, 413, field="body", limit="must be at most 1024 bytes")
