"""Who follows a stream is handed every entry once and in order, however quick or slow, whatever happens."""

import threading
from collections.abc import Iterator

import pytest

from application.live.follow_stream import Pace, Paces, StreamFollower
from application.live.tail import TailLimits
from application.ports.errors import InvalidPosition, Unavailable
from tests.unit.application.onlookers import Onlookers
from tests.waiting import eventually

PATIENT_S = 5.0
QUICKLY = Paces(Pace(1_000_000), Pace(1_000_000))


@pytest.fixture
def here() -> Iterator[Onlookers]:
    here = Onlookers(TailLimits(linger_ms=0, block_ms=20, read_entries=4, kept_entries=6))
    yield here
    here.closed.set()


def follower(
    here: Onlookers, after: str | None = None, type: str | None = None, paces: Paces | None = None
) -> StreamFollower:
    return StreamFollower(here.tail, paces or QUICKLY, after=after, type=type)


def handed(following: StreamFollower, count: int) -> list[str]:
    """The positions of the next so many."""
    got: list[str] = []
    while len(got) < count:
        found = following.next(PATIENT_S)
        assert found, got
        got += [entry.position for entry in found]
    assert len(got) == count
    return got


def test_one_follows_from_now_on(here: Onlookers) -> None:
    here.write(3)
    following = follower(here)

    assert list(following.next(0)) == []
    new = here.write(2)
    assert handed(following, 2) == new


def test_one_follows_from_the_beginning_and_on_into_what_comes(here: Onlookers) -> None:
    before = here.write(11)
    following = follower(here, "0-0")

    assert handed(following, 11) == before
    after = here.write(3)
    assert handed(following, 3) == after


def test_one_goes_on_after_the_last_that_was_seen(here: Onlookers) -> None:
    positions = here.write(9)

    for seen in range(9):
        following = follower(here, positions[seen])
        assert handed(following, 8 - seen) == positions[seen + 1 :]
        assert list(following.next(0)) == []
        following.close()


def test_one_type_alone_is_handed_out_and_the_others_are_passed_over(here: Onlookers) -> None:
    here.write(10)
    (early,) = here.write(1, type="Rare")
    here.write(10)
    following = follower(here, "0-0", type="Rare")

    assert handed(following, 1) == [early]
    here.write(10)
    (late,) = here.write(1, type="Rare")
    assert handed(following, 1) == [late]


def test_one_who_is_too_slow_for_what_is_kept_misses_nothing(here: Onlookers) -> None:
    following = follower(here)
    first = here.write(2)
    assert handed(following, 2) == first
    many = here.write(50)
    eventually(lambda: here.tail.position == many[-1])
    assert here.tail.since(first[-1]) is None

    assert handed(following, 50) == many
    assert here.feed.asked["again"]
    asked = here.feed.asked["again"]
    new = here.write(1)
    assert handed(following, 1) == new
    assert here.feed.asked["again"] == asked  # it has caught up


def test_one_who_keeps_up_never_asks_the_store(here: Onlookers) -> None:
    following = follower(here)
    for _ in range(20):
        new = here.write(2)
        assert handed(following, 2) == new

    assert here.feed.asked["again"] == 0


def test_what_was_deleted_meanwhile_holds_nobody_up(here: Onlookers) -> None:
    positions = here.write(3)
    for position in positions:
        here.log.remove(here.tail.stream, position)
    following = follower(here, "0-0")

    assert list(following.next(0)) == []
    new = here.write(1)
    assert handed(following, 1) == new


def test_an_outage_is_waited_out(here: Onlookers) -> None:
    before = here.write(6)
    following = follower(here, "0-0")
    assert len(following.next(PATIENT_S)) == 4
    here.feed.away.set()

    assert list(following.next(0)) == []
    assert here.troubles
    here.feed.away.clear()

    assert handed(following, 2) == before[4:]
    new = here.write(1)
    assert handed(following, 1) == new


def test_nothing_is_followed_where_the_end_is_not_known_or_the_place_is_none(here: Onlookers) -> None:
    with pytest.raises(InvalidPosition):
        follower(here, "yesterday")
    here.feed.away.set()
    with pytest.raises(Unavailable):
        follower(here)


def test_the_end_of_the_service_ends_the_wait(here: Onlookers) -> None:
    following = follower(here)
    here.closed.set()
    here.tail.wake_all()

    assert list(following.next(PATIENT_S)) == []
    assert following.ended


def test_what_comes_while_others_have_their_turn_is_handed_out_together(here: Onlookers) -> None:
    paces = Paces(Pace(20), Pace(1_000_000))
    following = [follower(here, paces=paces) for _ in range(3)]
    positions = here.write(1)
    assert handed(following[0], 1) == positions
    threading.Timer(0.02, lambda: positions.extend(here.write(2))).start()

    assert [entry.position for entry in following[1].next(PATIENT_S)] == positions
    assert [entry.position for entry in following[2].next(PATIENT_S)] == positions
    assert len(positions) == 3


def test_turns_are_given_one_after_the_other() -> None:
    now_s = 100.0
    pace = Pace(1_000, monotonic_s=lambda: now_s)

    assert [pace.wait_s(500) for _ in range(3)] == [0.0, 0.5, 1.0]
    now_s = 200.0
    assert pace.wait_s(1) == 0.0
