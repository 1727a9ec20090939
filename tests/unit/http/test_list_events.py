"""GET /api/event-store/streams/<stream>/events."""

from typing import Any

import pytest

from application.events.streams import CHECKOUTS, INVENTORY
from tests.each_row import each_row
from tests.unit.http.rig import EVENTS, START, Rig, assert_problem, body


def start_many(rig: Rig, number: int) -> list[str]:
    return [rig.post(START, body()).get_json()["position"] for _ in range(number)]


def positions(page: dict[str, Any]) -> list[str]:
    return [event["position"] for event in page["events"]]


def test_an_empty_stream_is_an_empty_page(rig: Rig) -> None:
    assert rig.get(EVENTS) == {"stream": CHECKOUTS, "events": [], "next": None}


def test_an_event_is_listed_with_its_envelope(rig: Rig) -> None:
    started = rig.post(START, body()).get_json()

    (event,) = rig.get(EVENTS)["events"]

    assert event == {
        "position": started["position"],
        "type": "CheckoutInitiated",
        "checkout_id": started["checkout_id"],
        "event_id": rig.history(started["checkout_id"])[0].event_id,
        "version": 1,
        "emitted_at": 1_700_000_000.0,
        "recorded_at": 1_700_000_000.0,
        "causation_id": None,
        "traceparent": None,
        "correlation_id": None,
        "payload": {
            "checkout_id": started["checkout_id"],
            "client_id": "c1",
            "panier": {
                "produits": [{"produit_id": "p1", "quantite": 2}],
                "nombre_articles": 2,
                "total": 0.0,
            },
            "emitted_at": 1_700_000_000.0,
        },
    }


def test_a_hundred_are_listed_by_default_and_the_cursor_gives_the_rest(rig: Rig) -> None:
    known = start_many(rig, 101)

    first = rig.client.get(EVENTS)
    page = first.get_json()

    assert positions(page) == known[:100]
    assert first.headers["Link"] == f'<{EVENTS}?after={page["next"]}>; rel="next"'
    last = rig.client.get(f"{EVENTS}?after={page['next']}")
    assert positions(last.get_json()) == known[100:]
    assert last.get_json()["next"] is None
    assert "Link" not in last.headers


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_the_links_lead_through_the_whole_stream_in_either_order(rig: Rig, order: str) -> None:
    known = start_many(rig, 5)
    link: str | None = f"{EVENTS}?count=2&order={order}&type=CheckoutInitiated"
    seen = []

    while link is not None:
        response = rig.client.get(link)
        seen += positions(response.get_json())
        link = response.headers["Link"].split(">")[0][1:] if "Link" in response.headers else None

    assert seen == (known if order == "asc" else known[::-1])


def test_a_type_leaves_out_the_others(rig: Rig) -> None:
    start_many(rig, 2)
    foreign = rig.log.add(CHECKOUTS, {b"type": b"SomethingElse", b"payload": b"{}"})

    assert positions(rig.get(f"{EVENTS}?type=SomethingElse")) == [foreign]
    assert rig.get(f"{EVENTS}?type=Nothing")["events"] == []


@pytest.mark.parametrize(
    "stream",
    [
        "other",
        "ecommerce.checkout.EVENTS",
        "{ecommerce.checkout.events}:k1",
        "*",
        "ecommerce",
        CHECKOUTS + "%00",
    ],
)
def test_a_name_that_is_none_of_our_streams_is_not_found(rig: Rig, stream: str) -> None:
    rig.log.add("other", {b"type": b"Secret", b"payload": b"{}"})

    found = assert_problem(rig.client.get(f"/api/event-store/streams/{stream}/events"), 404, field="stream")

    assert CHECKOUTS in found["detail"]
    assert INVENTORY in found["detail"]


@pytest.mark.parametrize(
    ("payload", "shown"),
    [(b'{"checkout_id":"\xff"}', '{"checkout_id":"�"}'), (b"[1,2]", "[1,2]"), (b"{", "{")],
)
def test_a_malformed_entry_is_listed_as_it_lies_there(rig: Rig, payload: bytes, shown: str) -> None:
    rig.log.add(CHECKOUTS, {b"type": b"CheckoutInitiated", b"payload": payload})
    (known,) = start_many(rig, 1)

    first, second = rig.get(EVENTS)["events"]

    assert first["payload"] == shown
    assert first["malformed"].startswith("payload ")
    assert second["position"] == known
    assert "malformed" not in second


def test_an_entry_without_any_known_field_is_listed(rig: Rig) -> None:
    rig.log.add(CHECKOUTS, {b"\xff": b"\xfe"})

    (event,) = rig.get(EVENTS)["events"]

    assert (event["type"], event["malformed"]) == (None, "payload is missing")


@each_row("count", ["abc", "0", "-1", "1.5", "", "1" + "0" * 21, "1001", "%D9%A1", "+1", "1 "])
def test_a_count_outside_its_limits_is_refused(rig: Rig, count: str) -> None:
    for path in (EVENTS, "/api/event-store/cqrs/orders-by-client/c1"):
        response = rig.client.get(f"{path}?count={count}")
        assert_problem(response, 422, field="count", limit="must be a whole number from 1 to 1000")


@pytest.mark.parametrize("count", [1, 1000])
def test_a_count_at_its_limits_is_accepted(rig: Rig, count: int) -> None:
    assert rig.get(f"{EVENTS}?count={count}")["events"] == []
