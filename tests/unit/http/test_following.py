"""Following events as they come (Server-Sent Events): what is sent, in which order, to how many."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from adapters.http.app import HttpLimits
from adapters.http.door.admission import Gates
from adapters.inmemory.event_bus import fields_of
from application.events.streams import CHECKOUTS, INVENTORY
from application.ports.errors import Unavailable
from tests.unit.http.rig import EVENTS, START, Rig, assert_problem, order_of

EVENT_STREAM = "text/event-stream"
ORDER = order_of("k1", "o1")
LIMITS = HttpLimits(followers_max=2, heartbeat_s=0.02, retry_after_s=7)


class Stream:
    """What one follower is sent, taken bit by bit."""

    def __init__(self, response: TestResponse) -> None:
        assert (response.status_code, response.content_type) == (200, EVENT_STREAM), response.text
        self.response = response
        self._chunks: Iterator[bytes] = iter(response.response)  # type: ignore[arg-type]  # bytes, as we send
        self._text = ""

    def blocks(self) -> Iterator[str]:
        """What stands between two empty lines, as it comes."""
        for chunk in self._chunks:
            self._text += chunk.decode()
            while "\n\n" in self._text:
                block, _, self._text = self._text.partition("\n\n")
                yield block

    def events(self, count: int) -> list[dict[str, Any]]:
        """The next so many events; signs of life are passed over."""
        found = []
        for block in self.blocks():
            if not block.startswith((":", "retry:")):
                fields = dict(line.split(": ", 1) for line in block.split("\n"))
                found.append(fields | {"data": json.loads(fields["data"])})
            if len(found) == count:
                break
        return found

    def rest(self) -> list[dict[str, Any]]:
        """All events until it is over."""
        return self.events(-1)

    def close(self) -> None:
        self.response.close()


@pytest.fixture
def gates() -> Gates:
    return Gates.of(LIMITS)


@pytest.fixture
def rig(gates: Gates) -> Rig:
    return Rig.build(LIMITS, gates)


Follow = Callable[..., Stream]


@pytest.fixture
def follow(rig: Rig) -> Iterator[Follow]:
    streams: list[Stream] = []

    def open_one(path: str, **headers: str) -> Stream:
        streams.append(Stream(ask(rig, path, **headers)))
        return streams[-1]

    yield open_one
    for stream in streams:
        stream.close()


def ask(rig: Rig, path: str, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return rig.client.get(path, headers={"Accept": EVENT_STREAM, **named})


def ids(events: list[dict[str, Any]]) -> list[str]:
    return [event["id"] for event in events]


def test_a_checkout_is_followed_from_its_first_event_to_its_end(rig: Rig, follow: Follow) -> None:
    rig.given("k1", *ORDER[:2])
    stream = follow(f"{START}/k1")
    first = stream.events(2)
    positions = rig.given("k1", *ORDER[2:])

    assert ids(first + stream.rest()) == positions
    assert [event["event"] for event in first] == ["CheckoutInitiated", "StockReserved"]


def test_each_event_is_sent_as_it_is_listed(rig: Rig, follow: Follow) -> None:
    rig.given("k1", *ORDER)
    listed = rig.get(EVENTS)["events"]

    for events in (follow(f"{START}/k1").rest(), follow(f"{EVENTS}?after=0-0").events(4)):
        assert [event["data"] for event in events] == listed
        assert [event["id"] for event in events] == [event["position"] for event in listed]


@pytest.mark.parametrize("seen", [0, 1, 2])
def test_who_comes_back_is_sent_what_is_new_and_nothing_twice(rig: Rig, follow: Follow, seen: int) -> None:
    positions = rig.given("k1", *ORDER)

    assert ids(follow(f"{START}/k1", Last_Event_ID=positions[seen]).rest()) == positions[seen + 1 :]
    assert ids(follow(EVENTS, Last_Event_ID=positions[seen]).events(3 - seen)) == positions[seen + 1 :]


def test_who_has_seen_the_end_is_told_that_there_is_no_more(rig: Rig) -> None:
    positions = rig.given("k1", *ORDER)

    response = ask(rig, f"{START}/k1", Last_Event_ID=positions[-1])

    assert (response.status_code, response.data) == (204, b"")
    assert not {"Content-Type", "Content-Length"} & set(response.headers.keys())


def test_a_stream_is_followed_from_now_on_unless_told_from_where(rig: Rig, follow: Follow) -> None:
    rig.given("k0", *order_of("k0", "o0"))
    now, beginning = follow(EVENTS), follow(f"{EVENTS}?after=0-0")
    positions = rig.given("k1", *ORDER)

    assert ids(now.events(4)) == positions
    assert ids(beginning.events(8))[4:] == positions


def test_the_last_event_id_counts_more_than_the_place_asked_for_at_first(rig: Rig, follow: Follow) -> None:
    positions = rig.given("k1", *ORDER)

    stream = follow(f"{EVENTS}?after=0-0", Last_Event_ID=positions[1])

    assert ids(stream.events(2)) == positions[2:]


def test_one_type_alone_may_be_followed(rig: Rig, follow: Follow) -> None:
    rig.given("k1", *ORDER)
    stream = follow(f"{EVENTS}?after=0-0&type=OrderCreated")
    rig.given("k2", *order_of("k2", "o2"))

    assert [event["data"]["checkout_id"] for event in stream.events(2)] == ["k1", "k2"]


def test_the_stream_of_the_stock_may_be_followed_too(rig: Rig, follow: Follow) -> None:
    stream = follow(EVENTS.replace(CHECKOUTS, INVENTORY))
    rig.post("/api/inventory/p1/receipts", {"quantite": 2})

    (event,) = stream.events(1)

    assert (event["event"], event["data"]["payload"]["produit_id"]) == ("UnitsReceived", "p1")


def test_a_sign_of_life_comes_when_nothing_else_does(rig: Rig, follow: Follow) -> None:
    blocks = follow(EVENTS).blocks()

    assert [next(blocks) for _ in range(3)] == ["retry: 7000", ":", ":"]


def test_no_made_up_type_breaks_out_of_its_line(rig: Rig, follow: Follow) -> None:
    stream = follow(EVENTS)
    for type in ("A\ndata: forged", "B\r\rid: 1", "", "C\u2028", "Own"):
        rig.log.add(CHECKOUTS, fields_of(type=type, payload='{"a":"\\n\\nid: 2"}'))

    events = stream.events(5)

    assert [set(event) for event in events] == [{"id", "data"}] * 4 + [{"id", "event", "data"}]
    assert events[0]["data"]["type"] == "A\ndata: forged"


def test_as_many_may_follow_as_are_allowed_and_a_place_is_free_again_once_one_left(
    rig: Rig, follow: Follow, gates: Gates
) -> None:
    rig.given("k1", *ORDER[:1])
    one, _ = follow(EVENTS), follow(f"{START}/k1")
    assert (gates.followers.inside, gates.work.inside) == (2, 0)

    for path in (EVENTS, f"{START}/k1"):
        refused = ask(rig, path)
        assert_problem(refused, 503, type="/problems/too-many-followers")
        assert refused.headers["Retry-After"] == "7"
    one.close()
    one.close()

    assert gates.followers.inside == 1
    follow(EVENTS).events(0)


def test_whatever_comes_to_nothing_takes_no_place(rig: Rig, gates: Gates) -> None:
    positions = rig.given("k1", *ORDER)
    ended = ask(rig, f"{START}/k1", Last_Event_ID=positions[-1])
    unknown = ask(rig, f"{START}/nobody"), ask(rig, EVENTS.replace(CHECKOUTS, "other"))
    wrong = ask(rig, f"{START}/k1", Last_Event_ID="now"), ask(rig, f"{EVENTS}?after=now")
    too_long = ask(rig, EVENTS, Last_Event_ID="1" * 100)
    rig.store.trouble = Unavailable("away")
    away = ask(rig, f"{START}/k1")

    assert [answer.status_code for answer in (ended, *unknown, *wrong, too_long, away)] == [
        *(204, 404, 404, 422, 422, 422, 503)
    ]
    assert gates.followers.inside == 0


@pytest.mark.parametrize("query", ["count=5", "order=desc", "type=", "after=1&after=2"])
def test_what_makes_no_sense_for_a_follower_is_refused(rig: Rig, query: str) -> None:
    assert_problem(ask(rig, f"{EVENTS}?{query}"), 422, type="/problems/invalid-value")


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", "application/json"),
        ("application/json, text/event-stream;q=0.5", "application/json"),
        ("text/event-stream;q=0", "application/json"),
        ("text/event-stream, */*;q=0.1", EVENT_STREAM),
        ("Text/Event-Stream", EVENT_STREAM),
    ],
)
def test_it_is_followed_only_by_who_asks_for_it(rig: Rig, accept: str, expected: str) -> None:
    rig.given("k1", *ORDER)
    for path in (f"{START}/k1", EVENTS):
        response = rig.client.get(path, headers={"Accept": accept})
        assert response.content_type == expected
        assert "Accept" in response.headers["Vary"]
        response.close()


def test_a_head_is_answered_without_following(rig: Rig, gates: Gates) -> None:
    rig.given("k1", *ORDER)
    for path in (f"{START}/k1", EVENTS):
        response = rig.client.head(path, headers={"Accept": EVENT_STREAM})
        assert (response.status_code, response.content_type, response.data) == (200, EVENT_STREAM, b"")
    assert gates.followers.inside == 0
    response = rig.client.head(EVENTS.replace(CHECKOUTS, "other"), headers={"Accept": EVENT_STREAM})
    assert response.status_code == 404


def test_what_goes_through_a_gateway_is_not_kept_back_or_stored(rig: Rig, follow: Follow) -> None:
    headers = follow(EVENTS).response.headers

    assert (headers["X-Accel-Buffering"], headers["Cache-Control"]) == ("no", "no-store")
    assert "Content-Length" not in headers


def test_a_bug_ends_the_stream_frees_the_place_and_is_logged(
    rig: Rig,
    follow: Follow,
    gates: Gates,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = follow(EVENTS)
    monkeypatch.setattr("adapters.http.live.following.entry_to_wire", lambda _: 1 / 0)
    rig.given("k1", *ORDER[:1])

    with capture_logs() as lines, pytest.raises(ZeroDivisionError):
        stream.rest()
    stream.close()

    assert gates.followers.inside == 0
    assert [line["event"] for line in lines] == ["follower lost"]
