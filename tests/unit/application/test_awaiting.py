"""Waiting for an end, and for the read model: woken when it comes, and never longer than allowed."""

import threading
import time
from collections.abc import Iterator

import pytest

from adapters.inmemory.event_bus import InMemoryEventBus
from adapters.inmemory.group_progress import InMemoryGroupProgress
from adapters.inmemory.telemetry import RecordingTelemetry
from application.events.streams import CHECKOUTS
from application.live.await_end import EndAwaiter
from application.live.await_projection import ProjectionAwaiter
from application.ports.errors import InvalidPosition, Unavailable
from application.ports.event_bus import Subscription
from application.questions.replay_checkout import CheckoutReplayer, Replay
from domain.checkout.saga import CQRS_PROJECTION, STEPS
from domain.errors import InvalidValue
from tests.unit.application.onlookers import Onlookers
from tests.unit.http.rig import order_of
from tests.waiting import eventually

LONG_S = 20.0
SOON_S = LONG_S / 2
STARTED, RESERVED, ORDERED, SUCCEEDED = order_of("k1", "o1")
PROJECTION = Subscription(stream=CHECKOUTS, group=STEPS[CQRS_PROJECTION].group, consumer="one")


@pytest.fixture
def here() -> Iterator[Onlookers]:
    here = Onlookers()
    yield here
    here.closed.set()


@pytest.fixture
def ends(here: Onlookers) -> EndAwaiter:
    return EndAwaiter(here.tail, CheckoutReplayer(here.store))


@pytest.fixture
def projection(here: Onlookers) -> ProjectionAwaiter:
    return ProjectionAwaiter(InMemoryGroupProgress(here.log), here.feed, here.closed)


@pytest.fixture
def bus(here: Onlookers) -> InMemoryEventBus:
    bus = InMemoryEventBus(here.log, RecordingTelemetry())
    bus.join(PROJECTION)
    return bus


def project(bus: InMemoryEventBus) -> None:
    """All that there is."""
    deliveries = bus.receive(PROJECTION, count=100, block_ms=0)
    bus.acknowledge(PROJECTION, [delivery.position for delivery in deliveries])


def status(replay: Replay | None) -> str:
    assert replay is not None
    return replay.view.status


def test_the_end_is_told_as_soon_as_it_comes(here: Onlookers, ends: EndAwaiter) -> None:
    here.given("k1", STARTED, RESERVED)
    began_s = time.monotonic()
    threading.Timer(0.05, here.given, ("k1", ORDERED, SUCCEEDED)).start()

    assert status(ends.wait("k1", LONG_S)) == "succeeded"
    assert time.monotonic() - began_s < SOON_S


def test_an_end_between_the_look_and_the_wait_is_not_missed(
    here: Onlookers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.live.await_end.LOOK_AGAIN_S", LONG_S)
    here.given("k1", STARTED, RESERVED)

    class Late(CheckoutReplayer):
        """The checkout ends just after each look at it."""

        def replay(self, checkout_id: str, *, as_of: str | None = None) -> Replay | None:
            found = super().replay(checkout_id, as_of=as_of)
            if found and found.version == 2:
                *_, last = here.given("k1", ORDERED, SUCCEEDED)
                eventually(lambda: here.tail.position == last)
            return found

    began_s = time.monotonic()
    assert status(EndAwaiter(here.tail, Late(here.store)).wait("k1", LONG_S)) == "succeeded"
    assert time.monotonic() - began_s < SOON_S


def test_what_has_not_ended_in_time_is_told_as_it_stands(here: Onlookers, ends: EndAwaiter) -> None:
    here.given("k1", STARTED)

    assert status(ends.wait("k1", 0)) == "initiated"
    assert status(ends.wait("k1", 0.01)) == "initiated"
    assert ends.wait("unknown", LONG_S) is None


def test_an_end_that_wakes_nobody_is_found_too(
    here: Onlookers, ends: EndAwaiter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.live.await_end.LOOK_AGAIN_S", 0.01)
    monkeypatch.setattr(type(here.tail), "_wake", lambda *_: None)
    here.given("k1", STARTED, RESERVED)
    threading.Timer(0.03, here.given, ("k1", ORDERED, SUCCEEDED)).start()

    assert status(ends.wait("k1", LONG_S)) == "succeeded"


def test_nobody_is_watched_once_the_wait_is_over(here: Onlookers, ends: EndAwaiter) -> None:
    here.given("k1", STARTED)
    ends.wait("k1", 0)
    here.feed.away.set()
    with pytest.raises(Unavailable):
        EndAwaiter(here.another_tail(here.limits), CheckoutReplayer(here.store)).wait("k1", 0)

    assert not here.tail.is_watched


def test_the_end_of_the_service_ends_every_wait(
    here: Onlookers, ends: EndAwaiter, projection: ProjectionAwaiter
) -> None:
    positions = here.given("k1", STARTED)
    here.closed.set()

    assert status(ends.wait("k1", LONG_S)) == "initiated"
    assert not projection.wait(positions[0], LONG_S)


def test_the_read_model_is_waited_for(
    here: Onlookers, projection: ProjectionAwaiter, bus: InMemoryEventBus
) -> None:
    positions = here.given("k1", *order_of("k1", "o1"))
    assert not projection.is_at(positions[0])
    assert not projection.wait(positions[0], 0.01)
    threading.Timer(0.05, project, (bus,)).start()

    assert projection.wait(positions[-1], LONG_S)
    assert all(map(projection.is_at, positions))


def test_a_position_that_cannot_be_is_refused(
    here: Onlookers, projection: ProjectionAwaiter, bus: InMemoryEventBus
) -> None:
    positions = here.given("k1", *order_of("k1", "o1"))
    for projected in range(2):
        assert projection.is_at(positions[-1]) == bool(projected)
        with pytest.raises(InvalidValue, match="min_position"):
            projection.is_at("9999999999999-0")
        project(bus)
    with pytest.raises(InvalidPosition):
        projection.is_at("now")
