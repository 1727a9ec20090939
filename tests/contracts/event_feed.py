"""The contract of EventFeed."""

import time
from threading import Timer

import pytest

from application.events.streams import CHECKOUTS, INVENTORY
from application.ports.errors import InvalidPosition
from application.ports.event_feed import EventFeed, FeedEntry
from application.ports.event_store import EventStore
from tests.contracts.consumers import write
from tests.contracts.facts import CHECKOUT, MALFORMED, at, entry, initiated, start_by_another_program
from tests.contracts.outside import Outside
from tests.contracts.racing import at_once

BEGINNING = "0-0"
LONG_MS = 5_000
SOON_S = LONG_MS / 1000 / 2


def now(feed: EventFeed, after: str = BEGINNING, count: int = 100) -> list[FeedEntry]:
    """What is there already."""
    return feed.read(CHECKOUTS, after=after, count=count, block_ms=0)


class EventFeedContract:
    """What every EventFeed does. A subclass provides `feed`, and the `store` and `outside` of its log."""

    WAITS: bool

    def test_all_entries_come_in_order_each_once(self, feed: EventFeed, outside: Outside) -> None:
        positions = write(outside, 7)

        first = now(feed, count=4)
        rest = now(feed, after=first[-1].position, count=4)

        assert [entry.position for entry in (*first, *rest)] == positions
        assert now(feed, after=positions[-1]) == []

    def test_the_place_of_an_entry_that_is_gone_is_still_a_place(
        self, feed: EventFeed, outside: Outside
    ) -> None:
        positions = write(outside, 3)
        outside.delete(CHECKOUTS, positions[1])

        assert [entry.position for entry in now(feed, after=positions[1])] == positions[2:]

    def test_each_stream_is_read_alone(self, feed: EventFeed, outside: Outside) -> None:
        write(outside, 2, INVENTORY)

        assert now(feed) == []
        assert len(feed.read(INVENTORY, after=BEGINNING, count=10, block_ms=0)) == 2

    def test_nothing_to_read_is_told_when_the_wait_is_over(self, feed: EventFeed) -> None:
        assert feed.read(CHECKOUTS, after=BEGINNING, count=1, block_ms=1) == []

    def test_who_waits_is_given_an_entry_as_soon_as_it_is_there(
        self, feed: EventFeed, outside: Outside
    ) -> None:
        if not self.WAITS:
            return
        (before,) = write(outside, 1)
        began_s = time.monotonic()
        Timer(0.02, write, (outside, 1)).start()

        (came,) = feed.read(CHECKOUTS, after=before, count=10, block_ms=LONG_MS)

        assert came.position > before
        assert time.monotonic() - began_s < SOON_S

    def test_all_who_wait_are_given_it(self, feed: EventFeed, outside: Outside) -> None:
        if not self.WAITS:
            return
        Timer(0.1, write, (outside, 1)).start()
        got: list[FeedEntry] = []

        def wait() -> None:
            got.extend(feed.read(CHECKOUTS, after=BEGINNING, count=10, block_ms=LONG_MS))

        at_once([wait] * 3)

        assert len(got) == 3
        assert len({entry.position for entry in got}) == 1

    def test_the_end_is_where_the_newest_entry_is_or_was(self, feed: EventFeed, outside: Outside) -> None:
        assert feed.end(CHECKOUTS) == BEGINNING
        positions = write(outside, 2)
        assert feed.end(CHECKOUTS) == positions[-1]

        outside.delete(CHECKOUTS, positions[-1])

        assert feed.end(CHECKOUTS) == positions[-1]
        assert now(feed, after=feed.end(CHECKOUTS)) == []

    def test_an_entry_tells_its_headings_and_looks_as_in_the_listing(
        self, feed: EventFeed, store: EventStore
    ) -> None:
        store.append(CHECKOUTS, [(at(0, initiated()),)])

        (found,) = now(feed)

        assert (found.type, found.checkout_id) == ("CheckoutInitiated", CHECKOUT)
        assert found.size_bytes > 100
        assert found.look() == store.page(CHECKOUTS, count=1).entries[0]

    def test_the_checkout_of_another_programs_entry_is_found_in_its_payload(
        self, feed: EventFeed, outside: Outside
    ) -> None:
        outside.write(CHECKOUTS, start_by_another_program())
        outside.write(CHECKOUTS, entry("Fact", {}))

        assert [found.checkout_id for found in now(feed)] == [CHECKOUT, None]

    @pytest.mark.parametrize("wrong", MALFORMED)
    def test_an_entry_that_is_no_event_comes_like_any_other(
        self, feed: EventFeed, store: EventStore, outside: Outside, wrong: str
    ) -> None:
        position = outside.write(CHECKOUTS, MALFORMED[wrong])

        (found,) = now(feed)

        assert found.position == position
        assert found.checkout_id is None
        assert (found.type or None) == store.page(CHECKOUTS, count=1).entries[0].type
        assert found.look() == store.page(CHECKOUTS, count=1).entries[0]

    @pytest.mark.parametrize("place", ["", "abc", "-", "+", "$", "(1-0", "1-2-3", "1-0\n"])
    def test_what_is_no_position_is_refused(self, feed: EventFeed, outside: Outside, place: str) -> None:
        write(outside, 1)
        with pytest.raises(InvalidPosition):
            now(feed, after=place)
