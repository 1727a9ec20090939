"""The end of a stream is read once, for all who watch it, and no longer than anybody does."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from application.live.tail import TailLimits
from application.ports.errors import Unavailable
from tests.unit.application.onlookers import QUICK, Onlookers
from tests.waiting import eventually

PATIENT_S = 5.0


@pytest.fixture
def here() -> Iterator[Onlookers]:
    here = Onlookers()
    before = here.tail_threads()
    yield here
    here.closed.set()
    here.tail.wake_all()
    eventually(lambda: here.tail_threads() <= before)


def read(here: Onlookers, since: str) -> list[str]:
    found = here.tail.since(since)
    assert found is not None
    return [entry.position for entry in found]


def test_many_watchers_cost_one_reader(here: Onlookers) -> None:
    watchers = [here.tail.watch() for _ in range(20)]
    positions = here.write(3)

    assert all(watcher.wait(PATIENT_S) for watcher in watchers)
    eventually(lambda: read(here, "0-0") == positions)
    assert here.feed.most_at_once == 1
    assert here.tail_threads() == 1


def test_nobody_reads_while_nobody_watches(here: Onlookers) -> None:
    assert here.feed.asked == {}
    here.tail.watch().close()
    eventually(lambda: here.tail_threads() == 0)

    asked = here.feed.asked["tail"]
    here.write(5)

    assert here.feed.asked["tail"] == asked


def test_who_watches_after_a_pause_is_woken_by_what_is_new_only(here: Onlookers) -> None:
    here.tail.watch().close()
    eventually(lambda: here.tail_threads() == 0)
    before = here.write(2)

    watcher = here.tail.watch()
    assert here.tail.position == before[-1]
    assert here.tail.since("0-0") is None  # to be read again from the store
    (new,) = here.write(1)

    assert watcher.wait(PATIENT_S)
    assert read(here, before[-1]) == [new]


def test_a_checkout_wakes_those_who_watch_it_and_not_the_others(here: Onlookers) -> None:
    mine, other, everything = here.tail.watch("k1"), here.tail.watch("k2"), here.tail.watch()
    end = here.tail.watch("k1", frozenset({"CheckoutFailed"}))

    here.write(checkout_id="k1")
    assert mine.wait(PATIENT_S)
    assert everything.wait(PATIENT_S)
    here.write(type="CheckoutFailed", checkout_id="k1")

    assert end.wait(PATIENT_S)
    assert not other.wait(0)


def test_the_checkout_of_another_programs_entry_may_be_in_its_payload_alone(here: Onlookers) -> None:
    watcher = here.tail.watch("k1")
    here.write_foreign({b"type": b"CheckoutFailed", b"payload": b'{"checkout_id": "k1"}'})

    assert watcher.wait(PATIENT_S)


def test_what_is_kept_is_bounded_and_says_where_it_begins() -> None:
    here = Onlookers(TailLimits(linger_ms=0, block_ms=20, kept_entries=3))
    watcher = here.tail.watch()
    positions = here.write(5)
    eventually(lambda: here.tail.position == positions[-1])

    assert here.tail.since(positions[0]) is None
    assert read(here, positions[1]) == positions[2:]
    assert read(here, positions[-1]) == []
    watcher.close()


def test_it_is_bounded_by_its_size_too() -> None:
    here = Onlookers(TailLimits(linger_ms=0, block_ms=20, kept_bytes=1_000))
    watcher = here.tail.watch()
    positions = here.write(5, more="x" * 400)
    eventually(lambda: here.tail.position == positions[-1])

    assert here.tail.since(positions[1]) is None
    assert read(here, positions[2]) == positions[3:]
    watcher.close()


def test_an_outage_is_told_and_nothing_is_missed_by_it(here: Onlookers) -> None:
    watcher = here.tail.watch()
    (first,) = here.write(1)
    assert watcher.wait(PATIENT_S)

    here.feed.away.set()
    eventually(lambda: len(here.troubles) > 1)
    meanwhile = here.write(3)
    here.feed.away.clear()

    eventually(lambda: here.tail.position == meanwhile[-1])
    assert watcher.wait(PATIENT_S)
    assert read(here, first) == meanwhile
    assert all(isinstance(trouble, Unavailable) for trouble in here.troubles)


def test_a_reader_that_was_lost_is_replaced_where_it_was(
    here: Onlookers, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[object] = []
    monkeypatch.setattr(threading, "excepthook", lost.append)
    watcher = here.tail.watch()
    (first,) = here.write(1)
    assert watcher.wait(PATIENT_S)
    with monkeypatch.context() as broken:
        broken.setattr(here.feed, "read", lambda *_, **__: 1 / 0)
        eventually(lambda: here.tail_threads() == 0)
    assert lost
    missed = here.write(2)

    watcher.wait(0)

    eventually(lambda: here.tail.position == missed[-1])
    assert read(here, first) == missed


def test_who_comes_while_the_reader_is_lost_costs_the_others_nothing(
    here: Onlookers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    watcher = here.tail.watch()
    (first,) = here.write(1)
    assert watcher.wait(PATIENT_S)
    with monkeypatch.context() as broken:
        broken.setattr(here.feed, "read", lambda *_, **__: 1 / 0)
        eventually(lambda: here.tail_threads() == 0)
    missed = here.write(2)

    here.tail.watch()

    eventually(lambda: here.tail.position == missed[-1])
    assert read(here, first) == missed


def test_nobody_can_watch_a_stream_whose_end_is_not_known(here: Onlookers) -> None:
    here.feed.away.set()
    with pytest.raises(Unavailable):
        here.tail.watch()
    here.feed.away.clear()

    here.tail.watch().close()


def test_the_end_of_the_service_wakes_all(here: Onlookers) -> None:
    watchers = [here.tail.watch(), here.tail.watch("k1")]
    here.closed.set()
    here.tail.wake_all()

    assert all(watcher.wait(PATIENT_S) for watcher in (*watchers, here.tail.watch()))
    eventually(lambda: here.tail_threads() == 0)


def test_coming_and_going_in_a_hurry_loses_nothing() -> None:
    here = Onlookers(QUICK)

    def come_and_go() -> None:
        for _ in range(50):
            watcher = here.tail.watch()
            (position,) = here.write(1)
            while not here.tail.since(just_before(position)):
                assert watcher.wait(PATIENT_S)
            watcher.close()

    with ThreadPoolExecutor(4) as several:
        for one in [several.submit(come_and_go) for _ in range(4)]:
            one.result(timeout=30)
    eventually(lambda: here.tail_threads() == 0)


def just_before(position: str) -> str:
    milliseconds, number = map(int, position.split("-"))
    return f"{milliseconds}-{number - 1}" if number else f"{milliseconds - 1}-0"
