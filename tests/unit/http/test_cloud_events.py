"""The list of events as CloudEvents, for whoever asks for them."""

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import orjson
import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from jsonschema_rs import Draft202012Validator

from adapters.codec.cloud_events import BATCH, CloudEvents
from adapters.codec.schemas import documents
from application.events.origin import Origin
from application.events.streams import CHECKOUTS, INVENTORY
from application.ports.event_store import NewEvent, Write
from domain.checkout.events import CheckoutSucceeded
from tests.each_row import each_row
from tests.unit.http.rig import EVENTS, Rig, assert_problem, order_of

STOCK = f"/api/event-store/streams/{INVENTORY}/events"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def events_of(rig: Rig, path: str = EVENTS) -> list[dict[str, Any]]:
    """The CloudEvents of a page, each of which the SDK has read."""
    response = rig.client.get(path, headers={"Accept": BATCH})
    assert (response.status_code, response.content_type) == (200, BATCH)
    events: list[dict[str, Any]] = orjson.loads(response.data)
    for event in events:
        JSONFormat().read(CloudEvent, orjson.dumps(event))
    return events


def test_a_stream_without_events_is_an_empty_batch(rig: Rig) -> None:
    assert events_of(rig) == []


def test_an_event_is_a_cloud_event_with_all_that_its_envelope_says(rig: Rig) -> None:
    initiated, _, created, _ = rig.given("k1", *order_of("k1", "o1"))

    first, _, third, _ = events_of(rig)

    assert third == {
        "specversion": "1.0",
        "id": created,
        "source": f"/streams/{CHECKOUTS}",
        "type": "ecommerce.checkout.OrderCreated",
        "subject": "k1",
        "time": "2023-11-14T22:13:22.000Z",
        "datacontenttype": "application/json",
        "dataschema": "http://localhost/schemas/OrderCreated.json",
        "sequence": "00000001700000002000-00000000000000000000",
        "eventid": "e3",
        "entityversion": 3,
        "checkoutid": "k1",
        "causationid": "e2",
        "data": rig.get(EVENTS)["events"][2]["payload"],
    }
    assert first["id"] == initiated


def test_the_page_about_it_shows_what_is_answered(rig: Rig) -> None:
    ids = {"checkout_id": "k1", "client_id": "c1"}
    end = CheckoutSucceeded(**ids, commande_id="o1")
    new = NewEvent(event=end, event_id="e1", causation_id="e0", origin=Origin(correlation_id="basket-7"))
    rig.store.append(CHECKOUTS, [(Write(entity="k1", expected_version=0, events=(new,)),)])
    page = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text()
    shown = orjson.loads(page.partition("```json\n")[2].partition("```")[0])

    assert list(map(shapes, shown)) == list(map(shapes, events_of(rig)))


def shapes(event: dict[str, Any]) -> dict[str, object]:
    """The types of its values, and what is in its data."""
    return {name: sorted(said) if name == "data" else type(said) for name, said in event.items()}


def test_the_data_of_each_is_valid_by_the_schema_that_it_names(rig: Rig) -> None:
    rig.given("k1", *order_of("k1", "o1"))
    rig.post("/api/inventory/p1/receipts", {"quantite": 5})

    for event in (*events_of(rig), *events_of(rig, STOCK)):
        response = rig.client.get(event["dataschema"].removeprefix("http://localhost"))
        assert response.content_type == "application/schema+json"
        Draft202012Validator(response.get_json(force=True)).validate(event["data"])


def test_an_event_of_the_stock_is_about_its_product(rig: Rig) -> None:
    rig.post("/api/inventory/p1/receipts", {"quantite": 5})

    (event,) = events_of(rig, STOCK)

    assert (event["type"], event["subject"]) == ("ecommerce.inventory.UnitsReceived", "p1")
    assert "checkoutid" not in event


def test_ids_are_unique_where_the_event_ids_of_two_entities_are_the_same(rig: Rig) -> None:
    for checkout in ("k1", "k2"):
        rig.given(checkout, *order_of(checkout, f"o-{checkout}"))

    events = events_of(rig)

    assert len({(event["source"], event["id"]) for event in events}) == 8
    assert len({event["eventid"] for event in events}) == 4


def test_sequences_are_ordered_as_text_like_their_positions(rig: Rig) -> None:
    rig.clock.advance(0.001)
    known = [rig.log.add(CHECKOUTS, {b"type": b"Other", b"payload": b"{}"}) for _ in range(12)]

    events = sorted(events_of(rig), key=lambda event: event["sequence"])

    assert [event["id"] for event in events] == known


def test_a_malformed_entry_goes_as_text_with_what_is_wrong_about_it(rig: Rig) -> None:
    rig.log.add(CHECKOUTS, {b"type": b"Che\x00ck\xef\xbf\xbf", b"payload": b"{", b"causation_id": b"\x07"})
    rig.log.add(CHECKOUTS, {b"\xff": b"\xfe"})

    broken, empty = events_of(rig)

    assert (broken["type"], broken["causationid"]) == ("ecommerce.checkout.Che�ck�", "�")
    assert (broken["data"], broken["datacontenttype"]) == ("{", "text/plain")
    assert broken["malformed"].startswith("payload is not JSON")
    assert (empty["type"], empty["data"]) == ("ecommerce.checkout.Unknown", "")
    assert not {"subject", "dataschema"} & (broken.keys() | empty.keys())


@pytest.mark.parametrize("version", [b"1" * 16, b"2147483648"])
def test_a_version_beyond_32_bits_is_left_out(rig: Rig, version: bytes) -> None:
    rig.log.add(CHECKOUTS, {b"type": b"Other", b"payload": b"{}", b"version": version})

    assert "entityversion" not in events_of(rig)[0]


def test_what_its_writer_knew_of_the_chain_goes_along(rig: Rig) -> None:
    fields = {b"type": b"Other", b"payload": b"{}", b"traceparent": TRACE.encode(), b"correlation_id": b"r-1"}
    rig.log.add(CHECKOUTS, fields)

    (event,) = events_of(rig)

    assert (event["traceparent"], event["correlationid"]) == (TRACE, "r-1")


def test_what_is_no_trace_is_left_out(rig: Rig) -> None:
    rig.log.add(CHECKOUTS, {b"type": b"Other", b"payload": b"{}", b"traceparent": b"00-traced"})

    assert "traceparent" not in events_of(rig)[0]


def test_the_links_lead_through_the_whole_stream(rig: Rig) -> None:
    known = rig.given("k1", *order_of("k1", "o1"))
    link: str | None = f"{EVENTS}?count=3"
    seen = []
    while link is not None:
        response = rig.client.get(link, headers={"Accept": BATCH})
        seen += [event["id"] for event in orjson.loads(response.data)]
        link = response.headers["Link"].split(">")[0][1:] if "Link" in response.headers else None

    assert seen == known


@each_row(
    ("accepted", "given"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("text/html", "application/json"),
        (f"{BATCH};q=0", "application/json"),
        (f"{BATCH};q=0.5, application/json", "application/json"),
        (f"application/json, {BATCH}", "application/json"),
        (BATCH, BATCH),
        (BATCH.upper(), BATCH),
        (f"{BATCH}; charset=utf-8", BATCH),
        (f"{BATCH}, application/json;q=0.9, */*;q=0.1", BATCH),
    ],
)
def test_the_caller_chooses_by_accept(rig: Rig, accepted: str | None, given: str) -> None:
    response = rig.client.get(EVENTS, headers={} if accepted is None else {"Accept": accepted})

    assert (response.status_code, response.content_type) == (200, given)
    assert response.headers["Vary"] == "Accept"


def test_an_error_is_a_problem_for_this_caller_too(rig: Rig) -> None:
    asked = rig.client.get(f"{EVENTS}?count=0", headers={"Accept": BATCH})

    assert_problem(asked, 422, field="count")


def test_where_the_public_address_is_known_it_is_in_source_and_schema(rig: Rig) -> None:
    (position,) = rig.given("k1", order_of("k1", "o1")[0])
    (recorded,) = rig.history("k1")

    event = CloudEvents("https://shop.example/api").of_event(recorded)

    assert event["source"] == f"https://shop.example/api/streams/{CHECKOUTS}"
    assert event["dataschema"] == "https://shop.example/api/schemas/CheckoutInitiated.json"
    assert event["id"] == position


def test_behind_a_trusted_gateway_the_schema_is_found_through_the_gateway() -> None:
    rig = Rig.build(trusted_proxies=(ip_network("10.0.0.7"),))
    rig.given("k1", order_of("k1", "o1")[0])
    told = {
        "X-Forwarded-Host": "shop.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/event-store",
    }
    for peer, where in (
        ("10.0.0.7", "https://shop.example/event-store"),
        ("203.0.113.9", "http://localhost"),
    ):
        asked = rig.client.get(EVENTS, headers={"Accept": BATCH} | told, environ_base={"REMOTE_ADDR": peer})
        (event,) = orjson.loads(asked.data)
        assert event["dataschema"] == f"{where}/schemas/CheckoutInitiated.json"


def test_an_event_that_was_read_is_told_like_its_entry_in_the_list(rig: Rig) -> None:
    rig.given("k1", *order_of("k1", "o1"))
    rig.post("/api/inventory/p1/receipts", {"quantite": 5})
    (received,) = rig.store.read(INVENTORY, ["p1"])[0]

    read = [CloudEvents().of_event(recorded) for recorded in (*rig.history("k1"), received)]
    listed = [*events_of(rig), *events_of(rig, STOCK)]

    assert read == [{name: event[name] for name in event if name != "dataschema"} for event in listed]


def test_every_event_schema_is_served(rig: Rig) -> None:
    for file, text in documents().items():
        assert rig.client.get(f"/schemas/{file}").text == text


@pytest.mark.parametrize("file", ["Nothing.json", "CheckoutInitiated", "..%2F..%2Fsetup.cfg"])
def test_a_schema_of_nothing_is_not_found(rig: Rig, file: str) -> None:
    assert_problem(rig.client.get(f"/schemas/{file}"), 404)
