"""What a program that knows only `type` and `payload` finds in our entries."""

import json
from collections.abc import Mapping
from typing import Any, Final

from adapters.codec.envelope import EnvelopeCodec
from application.events.streams import CHECKOUTS, Event
from domain.checkout.saga import ALL_FACTS
from tests.each_row import each_row
from tests.unit.codec.entries import AT_S, POSITION, as_fields, entry_of, read
from tests.unit.codec.examples import FULL

EXPECTED_KEYS: Final[Mapping[str, set[str]]] = {
    "CheckoutInitiated": {"checkout_id", "client_id", "panier"},
    "StockReserved": {"checkout_id", "client_id", "panier"},
    "StockReservationFailed": {"checkout_id", "reason"},
    "OrderCreated": {"checkout_id", "commande_id", "client_id"},
    "CheckoutSucceeded": {"checkout_id", "commande_id"},
    "OrderCreationFailed": {"checkout_id", "reason"},
    "StockReleased": {"checkout_id"},
    "CheckoutFailed": {"checkout_id", "reason"},
}
"""What existing workers read, by type."""

every_type = each_row("event", FULL.values())
of_a_checkout = each_row("name", [fact.__name__ for fact in ALL_FACTS])


def payload_of(event: Event) -> dict[str, Any]:
    payload = json.loads(entry_of(event)[b"payload"])
    assert isinstance(payload, dict)
    return payload


@of_a_checkout
def test_the_keys_that_existing_workers_read_are_there_and_the_client_too(name: str) -> None:
    payload = payload_of(FULL[name])
    assert payload.keys() >= EXPECTED_KEYS.get(name, set()) | {"checkout_id", "client_id"}
    assert (payload["checkout_id"], payload["client_id"]) == ("c-1", "ada")


@every_type
def test_the_time_is_a_number_inside_the_payload_and_a_field_beside_it(event: Event) -> None:
    assert payload_of(event)["emitted_at"] == AT_S
    assert entry_of(event)[b"emitted_at"] == b"1700000000"


@every_type
def test_the_type_is_the_name_of_the_fact(event: Event) -> None:
    assert entry_of(event)[b"type"].decode() == type(event).__name__


@every_type
def test_the_payload_is_compact_utf_8(event: Event) -> None:
    raw = entry_of(event)[b"payload"].decode()
    assert raw == json.dumps(json.loads(raw), ensure_ascii=False, separators=(",", ":"))
    assert "\\u" not in raw


@of_a_checkout
def test_the_checkout_is_a_field_beside_the_payload(name: str) -> None:
    assert entry_of(FULL[name])[b"checkout_id"] == b"c-1"


def test_a_cart_is_written_as_the_existing_shop_writes_it() -> None:
    panier = payload_of(FULL["StockReserved"])["panier"]

    assert panier.keys() >= {"nombre_articles", "total", "produits"}
    assert (panier["nombre_articles"], panier["total"]) == (100_003, 20.5001)
    first = {"produit_id": "p-1", "quantite": 2, "prix_unitaire": 10.25, "nom_produit": "Thé vert « Été »"}
    assert panier["produits"][0] == first


def test_a_failure_carries_what_was_short() -> None:
    for name in ("StockReservationFailed", "CheckoutFailed"):
        assert payload_of(FULL[name])["ruptures"] == [
            {"produit_id": "p-1", "quantite_demandee": 2, "quantite_disponible": 1},
            {"produit_id": "p-9", "quantite_demandee": 1, "quantite_disponible": 0, "connu": False},
        ]


@every_type
def test_only_type_and_payload_are_needed_to_read_one(event: Event) -> None:
    entry = entry_of(event)
    bare = {name: entry[name] for name in (b"type", b"payload")}
    recorded = read(bare, version=3)
    assert recorded.event == event
    assert (recorded.event_id, recorded.version, recorded.emitted_at_s) == (POSITION, 3, AT_S)


@each_row(
    ("times", "emitted_at_s"),
    [
        ({"emitted_at": "1690000000.1", "ts": "5"}, 1690000000.1),
        ({"ts": "1690000000.1"}, 1690000000.1),
        ({"ts": "yesterday"}, 1700000000.0),
        ({"ts": "nan"}, 1700000000.0),
        ({"ts": "-3"}, 1700000000.0),
        ({"ts": "1e300"}, 1700000000.0),
        ({}, 1700000000.0),
    ],
)
def test_the_time_is_taken_from_wherever_it_is_and_else_from_the_position(
    times: dict[str, str], emitted_at_s: float
) -> None:
    entry = as_fields({"type": "StockReleased", "payload": '{"checkout_id":"c-1"}', **times})
    recorded = read(entry, version=1)
    assert recorded.emitted_at_s == emitted_at_s
    assert recorded.recorded_at_s == 1700000000.0


def test_a_listing_shows_a_foreign_entry_as_it_lies_there() -> None:
    entry = as_fields({"type": "StockReleased", "payload": '{"checkout_id":"c-1"}', "ts": "1690000000.1"})
    stored = EnvelopeCodec().look(POSITION, entry)
    assert (stored.type, stored.payload, stored.checkout_id) == (
        "StockReleased",
        {"checkout_id": "c-1"},
        "c-1",
    )
    assert (stored.event_id, stored.version, stored.malformed) == (None, None, None)
    assert EnvelopeCodec().decode(CHECKOUTS, POSITION, entry, 1).entity == "c-1"
