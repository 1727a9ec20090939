"""Who follows a checkout is handed each of its events once, by their versions, to the end."""

import threading
import time
from collections.abc import Iterator, Sequence
from functools import partial

import pytest

from application.events.recorded_event import RecordedEvent
from application.live.follow_checkout import CheckoutFollower
from application.ports.errors import Unavailable
from application.questions.replay_checkout import CheckoutReplayer
from domain.checkout.events import CheckoutFailed
from tests.contracts.facts import failure_by_another_program
from tests.unit.application.onlookers import Onlookers
from tests.unit.http.rig import order_of

PATIENT_S = 5.0
LONG_S = 3 * PATIENT_S
STARTED, RESERVED, ORDERED, SUCCEEDED = order_of("k1", "o1")
FAILED = CheckoutFailed(checkout_id="k1", client_id="c1", reason="too late")


@pytest.fixture
def here() -> Iterator[Onlookers]:
    here = Onlookers()
    yield here
    here.closed.set()


def following(here: Onlookers, after: str | None = None) -> CheckoutFollower:
    return CheckoutFollower(here.tail, CheckoutReplayer(here.store), "k1", after=after)


def begun(follower: CheckoutFollower) -> list[str]:
    """The types of what there is already."""
    first = follower.begin()
    assert first is not None
    return types(first)


def types(events: Sequence[RecordedEvent]) -> list[str]:
    return [event.type for event in events]


def test_it_begins_with_what_there_is_and_goes_on_to_the_end(here: Onlookers) -> None:
    here.given("k1", STARTED, RESERVED)
    follower = following(here)

    assert begun(follower) == ["CheckoutInitiated", "StockReserved"]
    assert types(follower.next(0)) == []
    assert not follower.ended
    here.given("k1", ORDERED)
    assert types(follower.next(PATIENT_S)) == ["OrderCreated"]
    here.given("k1", SUCCEEDED)
    assert types(follower.next(PATIENT_S)) == ["CheckoutSucceeded"]
    assert follower.ended


def test_a_checkout_that_has_ended_is_handed_out_whole(here: Onlookers) -> None:
    here.given("k1", STARTED, RESERVED, ORDERED, SUCCEEDED)
    follower = following(here)

    assert len(begun(follower)) == 4
    assert follower.has_ended


@pytest.mark.parametrize("seen", range(4))
def test_it_goes_on_after_the_event_that_was_seen(here: Onlookers, seen: int) -> None:
    positions = here.given("k1", STARTED, RESERVED, ORDERED, SUCCEEDED)
    follower = following(here, positions[seen])

    assert begun(follower) == ["StockReserved", "OrderCreated", "CheckoutSucceeded"][seen:]


def test_where_it_has_no_event_what_comes_later_follows(here: Onlookers) -> None:
    here.given("k1", STARTED)
    (between,) = here.write(1)
    here.given("k1", RESERVED)

    assert begun(following(here, between)) == ["StockReserved"]
    assert begun(following(here, "0-0")) == ["CheckoutInitiated", "StockReserved"]


def test_there_is_nothing_to_follow_of_an_unknown_checkout(here: Onlookers) -> None:
    assert following(here).begin() is None


def test_an_entry_of_another_program_comes_once_it_is_adopted_although_its_place_is_earlier(
    here: Onlookers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.live.follow_checkout.LOOK_AGAIN_S", 0.01)
    here.given("k1", STARTED, RESERVED)
    follower = following(here)
    assert len(begun(follower)) == 2
    foreign = here.write_foreign(failure_by_another_program("k1"))
    assert types(follower.next(0)) == []
    here.given("k1", FAILED)  # later in the stream, and earlier in the history
    (ours,) = follower.next(PATIENT_S)

    here.log.adopt(here.tail.stream, "k1", foreign, starts=False)

    again = following(here, ours.position)
    assert begun(again) == ["StockReservationFailed"]
    assert begun(following(here, foreign)) == []


def test_an_adoption_wakes_nobody_and_is_found_all_the_same(
    here: Onlookers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.live.follow_checkout.LOOK_AGAIN_S", 0.01)
    here.given("k1", STARTED)
    follower = following(here)
    assert len(begun(follower)) == 1
    foreign = here.write_foreign(failure_by_another_program("k1"))
    adopt = partial(here.log.adopt, here.tail.stream, "k1", foreign, starts=False)
    threading.Timer(0.1, adopt).start()
    began_s = time.monotonic()

    assert types(follower.next(LONG_S)) == ["StockReservationFailed"]
    assert time.monotonic() - began_s < PATIENT_S


def test_an_outage_of_the_store_is_waited_out(here: Onlookers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("application.live.follow_checkout.LOOK_AGAIN_S", 0.01)
    here.given("k1", STARTED)
    follower = following(here)
    begun(follower)

    def away(*_: object) -> None:
        raise Unavailable("away")

    with monkeypatch.context() as broken:
        broken.setattr(type(here.store), "read", away)
        assert types(follower.next(0.03)) == []
        with pytest.raises(Unavailable):
            following(here).begin()
    assert here.troubles
    here.given("k1", RESERVED)

    assert types(follower.next(PATIENT_S)) == ["StockReserved"]


def test_the_end_of_the_service_ends_the_wait(here: Onlookers) -> None:
    here.given("k1", STARTED)
    follower = following(here)
    begun(follower)
    here.closed.set()
    here.tail.wake_all()

    assert types(follower.next(PATIENT_S)) == []
    assert follower.ended
    assert not follower.has_ended
