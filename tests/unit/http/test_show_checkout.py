"""GET /api/checkouts/<id> and its replay."""

from typing import Any

import pytest

from application.events.streams import CHECKOUTS
from domain.checkout.events import (
    CheckoutFailed,
    CheckoutInitiated,
    CheckoutSucceeded,
    StockReleased,
    StockReservationFailed,
    StockReserved,
)
from domain.inventory.reservation import Shortage
from domain.order.events import OrderCreated, OrderCreationFailed
from tests.each_row import each_row
from tests.unit.http.rig import CART, Rig, assert_problem

REPLAY = "/api/event-store/replay/checkout"
INITIATED = CheckoutInitiated(checkout_id="k1", client_id="c1", cart=CART)
RESERVED = StockReserved(checkout_id="k1", client_id="c1", cart=CART)
ORDERED = OrderCreated(checkout_id="k1", client_id="c1", commande_id="o1")
SUCCEEDED = CheckoutSucceeded(checkout_id="k1", client_id="c1", commande_id="o1")
SHORT = StockReservationFailed(
    checkout_id="k1",
    client_id="c1",
    reason="p1: short",
    shortages=(Shortage(produit_id="p1", units_wanted=2, units_free=1),),
)
NO_ORDER = OrderCreationFailed(checkout_id="k1", client_id="c1", reason="too dear", cart=CART)
RELEASED = StockReleased(checkout_id="k1", client_id="c1", cart=CART)
FAILED = CheckoutFailed(checkout_id="k1", client_id="c1", reason="too dear", source="order-creation")


def standing(found: dict[str, Any]) -> tuple[Any, ...]:
    names = ("status", "step", "commande_id", "reason", "stock_reserved", "stock_released")
    return tuple(found[name] for name in names)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([INITIATED], ("initiated", "initiated", None, None, False, False)),
        ([INITIATED, RESERVED], ("initiated", "stock_reserved", None, None, True, False)),
        ([INITIATED, RESERVED, ORDERED], ("initiated", "order_created", "o1", None, True, False)),
        ([INITIATED, RESERVED, ORDERED, SUCCEEDED], ("succeeded", "succeeded", "o1", None, True, False)),
        ([INITIATED, SHORT], ("initiated", "compensating", None, "p1: short", False, False)),
        ([INITIATED, RESERVED, NO_ORDER], ("initiated", "compensating", None, "too dear", True, False)),
        (
            [INITIATED, RESERVED, NO_ORDER, RELEASED, FAILED],
            ("failed", "failed", None, "too dear", True, True),
        ),
    ],
)
def test_a_checkout_shows_where_it_stands(rig: Rig, facts: list[Any], expected: tuple[Any, ...]) -> None:
    rig.given("k1", *facts)

    found = rig.get("/api/checkouts/k1")

    assert standing(found) == expected
    assert (found["checkout_id"], found["client_id"], found["version"]) == ("k1", "c1", len(facts))
    assert found["links"]["self"] == "/api/checkouts/k1"
    assert standing(rig.get(f"{REPLAY}/k1")) == expected


@pytest.mark.parametrize("path", ["/api/checkouts/nobody", f"{REPLAY}/nobody", f"{REPLAY}/nobody?as_of=1-0"])
def test_an_unknown_checkout_is_not_found(rig: Rig, path: str) -> None:
    assert_problem(rig.client.get(path), 404, type="/problems/not-found", field="checkout_id")


def test_a_replay_shows_every_event_and_the_state_after_it(rig: Rig) -> None:
    positions = rig.given("k1", INITIATED, RESERVED, ORDERED, SUCCEEDED)

    found = rig.get(f"{REPLAY}/k1")

    assert [(event["type"], event["version"]) for event in found["events"]] == [
        ("CheckoutInitiated", 1),
        ("StockReserved", 2),
        ("OrderCreated", 3),
        ("CheckoutSucceeded", 4),
    ]
    assert [event["after"]["step"] for event in found["events"]] == [
        "initiated",
        "stock_reserved",
        "order_created",
        "succeeded",
    ]
    second = found["events"][1]
    assert (second["id"], second["position"], second["causation_id"]) == ("e2", positions[1], "e1")
    assert second["emitted_at"] == 1_700_000_001.0
    assert standing(second["after"]) == ("initiated", "stock_reserved", None, None, True, False)


def test_a_replayed_payload_is_the_one_on_the_stream(rig: Rig) -> None:
    rig.given("k1", INITIATED, SHORT)

    listed = rig.get(f"/api/event-store/streams/{CHECKOUTS}/events")["events"]

    assert [event["payload"] for event in rig.get(f"{REPLAY}/k1")["events"]] == [
        event["payload"] for event in listed
    ]


@pytest.mark.parametrize("as_of", ["1700000001000-0", "1700000001000", "1700000001", "1700000001.999"])
def test_a_replay_can_end_at_a_position_or_a_time(rig: Rig, as_of: str) -> None:
    rig.given("k1", INITIATED, RESERVED, ORDERED, SUCCEEDED)

    found = rig.get(f"{REPLAY}/k1?as_of={as_of}")

    assert (found["step"], found["version"], len(found["events"])) == ("stock_reserved", 2, 2)


def test_a_checkout_that_had_not_begun_is_not_found(rig: Rig) -> None:
    rig.given("k1", INITIATED)

    found = assert_problem(rig.client.get(f"{REPLAY}/k1?as_of=1600000000"), 404)

    assert "as of 1600000000" in found["detail"]


@each_row("as_of", ["", "yesterday", "-1", "1-2-3", "1e9", "1" * 65, "%D9%A1", "1%002", "NaN"])
def test_a_moment_that_is_none_is_refused(rig: Rig, as_of: str) -> None:
    rig.given("k1", INITIATED)

    assert_problem(rig.client.get(f"{REPLAY}/k1?as_of={as_of}"), 422, field="as_of")


def test_a_payload_that_is_a_json_list_spoils_no_other_checkout(rig: Rig) -> None:
    rig.given("k1", INITIATED)
    rig.log.add(CHECKOUTS, {b"type": b"CheckoutInitiated", b"payload": b"[1, 2]", b"checkout_id": b"k1"})

    assert rig.get(f"{REPLAY}/k1")["version"] == 1
    assert rig.get("/api/checkouts/k1")["status"] == "initiated"
