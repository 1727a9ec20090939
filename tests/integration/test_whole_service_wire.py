"""Other programs on the same streams: those that write well, those that write nonsense, those that read."""

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from adapters.redis_streams.keys import dead_letters_key
from application.events.streams import CHECKOUTS
from domain.checkout.saga import DEADLINE, STEPS, STOCK_RESERVATION
from tests.shop_front import settles
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.instance import RunningService

pytest_plugins = ["tests.running_service"]
pytestmark = pytest.mark.slow

IN_2023 = "1690000000.1"
PAYLOAD = (
    '{"checkout_id":"CHECKOUT","client_id":"CLIENT","panier":{"client_id":"CLIENT","nombre_articles":3,"total":30.0,'
    '"produits":[{"produit_id":"PRODUCT","quantite":3,"prix_unitaire":10.0}]},"emitted_at":1690000000.1}'
)
KEYS_OF = {
    "CheckoutInitiated": {"checkout_id", "client_id", "panier", "emitted_at"},
    "StockReserved": {"checkout_id", "client_id", "panier", "emitted_at"},
    "StockReservationFailed": {"checkout_id", "client_id", "reason", "emitted_at"},
    "OrderCreated": {"checkout_id", "client_id", "commande_id", "emitted_at"},
    "CheckoutSucceeded": {"checkout_id", "client_id", "commande_id", "emitted_at"},
    "OrderCreationFailed": {"checkout_id", "client_id", "reason", "emitted_at"},
    "StockReleased": {"checkout_id", "client_id", "emitted_at"},
    "CheckoutFailed": {"checkout_id", "client_id", "reason", "emitted_at"},
}
OPENS_A_START = {STEPS[worker].group for worker in (STOCK_RESERVATION, DEADLINE)}


def payload(checkout_id: str, client_id: str, produit_id: str) -> str:
    named = PAYLOAD.replace("CHECKOUT", checkout_id).replace("CLIENT", client_id)
    return named.replace("PRODUCT", produit_id)


def test_a_plain_xadd_drives_the_saga_to_its_end(service: "RunningService") -> None:
    front = service.front
    front.receive("globe-1", 10)

    position = service.server.xadd(
        CHECKOUTS,
        {"type": "CheckoutInitiated", "payload": payload("foreign-1", "ivy", "globe-1"), "ts": IN_2023},
    )

    replay = front.ended("foreign-1", within_s=5)
    assert (replay["status"], replay["client_id"], replay["version"]) == ("succeeded", "ivy", 4)
    start = replay["events"][0]
    assert (start["position"], start["version"], start["emitted_at"]) == (position, 1, float(IN_2023))
    listed = front.listed("foreign-1")
    assert [event["type"] for event in listed] == [event["type"] for event in replay["events"]]
    assert (listed[0]["position"], listed[0]["emitted_at"]) == (position, float(IN_2023))
    orders = front.orders("ivy", 1, within_s=5)
    assert orders["last_order_id"] == replay["commande_id"]
    assert front.get(f"/api/orders/{replay['commande_id']}")["total"] == 30.0
    assert front.stock("globe-1") == (7, 3)


def test_a_start_that_was_written_long_ago_has_as_much_time_as_any_other(service: "RunningService") -> None:
    service.front.receive("globe-3", 10)
    start = {"type": "CheckoutInitiated", "payload": payload("foreign-3", "ken", "globe-3"), "ts": IN_2023}

    with service.frozen(STOCK_RESERVATION):
        for entry in (start, {"type": "SomethingElse"}):  # deadlines are looked at between the two
            service.server.xadd(CHECKOUTS, entry)
            eventually(lambda: service.is_at_rest(DEADLINE), within_s=30)

    assert service.front.ended("foreign-3")["status"] == "succeeded"


def test_the_same_plain_start_added_twice_is_one_checkout(service: "RunningService") -> None:
    front = service.front
    front.receive("globe-2", 10)

    for _ in range(2):
        service.server.xadd(
            CHECKOUTS,
            {"type": "CheckoutInitiated", "payload": payload("foreign-2", "jim", "globe-2"), "ts": IN_2023},
        )

    front.ended("foreign-2")
    eventually(lambda: len(front.listed("foreign-2")) == 5)
    service.nothing_lost_nothing_twice()
    assert front.orders("jim", 1)["total_orders"] == 1
    assert front.stock("globe-2") == (7, 3)


def test_a_plain_consumer_reads_our_events_knowing_type_and_payload_only(service: "RunningService") -> None:
    front, server = service.front, service.server
    server.xgroup_create(CHECKOUTS, "reporting", id="$")
    front.receive("atlas", 2)
    wanted = {
        front.checkout("kim", {"atlas": 1}): "CheckoutSucceeded",
        front.checkout("kim", {"atlas": 9}): "CheckoutFailed",
        front.checkout("kim", {"atlas": 1}, price=5_000.0): "CheckoutFailed",
    }

    seen: set[str] = set()
    last: dict[str, str] = {}

    def read() -> bool:
        for _, entries in server.xreadgroup("reporting", "r-1", {CHECKOUTS: ">"}, count=10, block=200) or ():
            for position, fields in entries:
                told = json.loads(fields["payload"])
                assert told.keys() >= KEYS_OF[fields["type"]]
                assert told["client_id"] == "kim"
                last[told["checkout_id"]] = fields["type"]
                seen.add(fields["type"])
                server.xack(CHECKOUTS, "reporting", position)
        return last == wanted

    eventually(read, 30)
    assert seen == KEYS_OF.keys()
    server.xgroup_destroy(CHECKOUTS, "reporting")


GOOD = payload("bad-N", "lou", "kite")
ODD_STARTS = {
    "broken JSON": (GOOD[:-10].encode(), "JSON"),
    "a list": (b"[" + GOOD.encode() + b"]", "object"),
    "no payload that is UTF-8": (b"\xff\xfe" + GOOD.encode(), "JSON"),
    "no checkout_id": (GOOD.replace('"checkout_id":"bad-N",', "").encode(), "checkout_id"),
    "a negative quantity": (GOOD.replace('"quantite":3', '"quantite":-3').encode(), "quantite"),
    "an empty cart": (GOOD.replace(GOOD[GOOD.index("[") : GOOD.index("]") + 1], "[]").encode(), "produits"),
    "1 MB": (GOOD.replace("lou", "l" * 1_000_000).encode(), "bytes"),
}


@pytest.fixture
def odd_entries(service: "RunningService") -> dict[str, str]:
    """Position -> what is odd about the entry there, of those that a step has to handle."""
    service.front.receive("kite", 100)
    add = service.server.xadd
    add(CHECKOUTS, {"payload": GOOD})
    add(CHECKOUTS, {"type": "SomethingElse", "payload": GOOD, "ts": IN_2023})
    add(CHECKOUTS, {b"type": b"\xff\xfe", b"payload": b"\xff", b"ts": b"never"})
    add(CHECKOUTS, {"colour": "blue"})
    return {
        str(add(CHECKOUTS, {b"type": b"CheckoutInitiated", b"payload": raw, b"ts": IN_2023.encode()})): odd
        for odd, (raw, _) in ODD_STARTS.items()
    }


def test_entries_that_make_no_sense_stop_nobody_and_end_as_dead_letters(
    service: "RunningService", odd_entries: dict[str, str]
) -> None:
    front, pids = service.front, service.pids()

    began_s = time.monotonic()
    good = front.ended(front.checkout("lou", {"kite": 1}))
    took_s = time.monotonic() - began_s

    assert good["status"] == "succeeded"
    assert took_s < 3
    settles(
        lambda: sorted((odd_entries[position], group) for group, position in dead_letters(service)),
        sorted((odd, group) for odd in ODD_STARTS for group in OPENS_A_START),
    )
    for (_, position), letter in dead_letters(service).items():
        raw, reason = ODD_STARTS[odd_entries[position]]
        assert reason in letter[b"reason"].decode()
        assert letter[b"attempts"] == b"1"
        assert (letter[b"original.type"], letter[b"original.ts"]) == (b"CheckoutInitiated", IN_2023.encode())
        assert letter[b"original.payload"] == raw[: 64 * 1024]
    listing = front.get(f"/api/event-store/streams/{CHECKOUTS}/events", count=1_000, order="desc")
    assert odd_entries.keys() <= {event["position"] for event in listing["events"]}
    assert front.stock("kite") == (99, 1)
    assert front.http.get("/api/event-store/replay/checkout/bad-N").status_code == 404
    service.nothing_lost_nothing_twice()
    assert service.pids() == pids


def dead_letters(service: "RunningService") -> dict[tuple[str, str], dict[bytes, bytes]]:
    """(group, position) -> the dead letter, its fields as bytes."""
    raw: Any = service.shop.container.redis().xrange(dead_letters_key(CHECKOUTS))
    return {(fields[b"group"].decode(), fields[b"position"].decode()): fields for _, fields in raw}
