"""EventStore: listing a stream, page by page."""

import pytest

from application.events.streams import CHECKOUTS
from application.ports.errors import InvalidPosition
from application.ports.event_store import EventStore, StoredEntry
from tests.contracts.facts import (
    CAUSE,
    CHECKOUT,
    MALFORMED,
    at,
    entry,
    initiated,
    reserved,
    start_by_another_program,
)
from tests.contracts.outside import Outside

PAGES_MAX = 100


def walk(
    store: EventStore, count: int, *, newest_first: bool = False, type: str | None = None
) -> list[list[StoredEntry]]:
    """Every page, following the cursors."""
    pages: list[list[StoredEntry]] = []
    after: str | None = None
    while len(pages) < PAGES_MAX:
        page = store.page(CHECKOUTS, count=count, after=after, newest_first=newest_first, type=type)
        pages.append(list(page.entries))
        after = page.next
        if after is None:
            return pages
    raise AssertionError("the cursors find no end")


class Paging:
    LOOKED_AT_MAX: str
    """Where the adapter says how many entries one filtered page may look at."""

    @pytest.fixture
    def positions(self, outside: Outside) -> list[str]:
        """A stream of ten."""
        return [outside.write(CHECKOUTS, entry(f"Fact{n % 3}", {"n": n})) for n in range(10)]

    @pytest.mark.parametrize("newest_first", [False, True])
    @pytest.mark.parametrize("count", [1, 3, 5, 9, 10, 11])
    def test_the_cursors_lead_past_every_entry_once(
        self, store: EventStore, positions: list[str], count: int, newest_first: bool
    ) -> None:
        pages = walk(store, count, newest_first=newest_first)

        assert [entry.position for page in pages for entry in page] == (
            positions[::-1] if newest_first else positions
        )
        assert all(len(page) == count for page in pages[:-1])
        assert len(pages) == -(-10 // count)

    @pytest.mark.parametrize("newest_first", [False, True])
    def test_the_cursors_of_one_type_do_too(
        self, store: EventStore, positions: list[str], newest_first: bool
    ) -> None:
        pages = walk(store, 2, newest_first=newest_first, type="Fact1")

        wanted = [positions[1], positions[4], positions[7]]
        assert [entry.position for page in pages for entry in page] == (
            wanted[::-1] if newest_first else wanted
        )

    def test_one_page_looks_at_a_bounded_number_of_entries(
        self, store: EventStore, outside: Outside, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(self.LOOKED_AT_MAX, 20)
        for n in range(50):
            outside.write(CHECKOUTS, entry("Common", {"n": n}))
        rare = outside.write(CHECKOUTS, entry("Rare", {}))

        pages = walk(store, 5, type="Rare")

        assert [entry.position for page in pages for entry in page] == [rare]
        assert len(pages) >= 3

    def test_a_stream_without_entries_is_one_empty_page(self, store: EventStore) -> None:
        assert walk(store, 10) == walk(store, 10, newest_first=True) == walk(store, 10, type="X") == [[]]

    def test_what_comes_later_is_found_from_the_last_entry_seen(
        self, store: EventStore, outside: Outside, positions: list[str]
    ) -> None:
        later = outside.write(CHECKOUTS, entry("Fact", {}))

        page = store.page(CHECKOUTS, count=10, after=positions[-1])

        assert [entry.position for entry in page.entries] == [later]

    def test_a_cursor_works_when_its_entry_is_gone(
        self, store: EventStore, outside: Outside, positions: list[str]
    ) -> None:
        outside.delete(CHECKOUTS, positions[4])

        onwards = store.page(CHECKOUTS, count=2, after=positions[4])
        backwards = store.page(CHECKOUTS, count=2, after=positions[4], newest_first=True)

        assert [entry.position for entry in onwards.entries] == positions[5:7]
        assert [entry.position for entry in backwards.entries] == [positions[3], positions[2]]

    @pytest.mark.parametrize("newest_first", [False, True])
    @pytest.mark.parametrize(
        "cursor", ["", "abc", "-", "+", "$", "(1-0", "1-2-3", "-1-0", "1 0", "1-0\n", "1e3"]
    )
    def test_what_is_no_position_is_refused(
        self, store: EventStore, positions: list[str], cursor: str, newest_first: bool
    ) -> None:
        with pytest.raises(InvalidPosition):
            store.page(CHECKOUTS, count=1, after=cursor, newest_first=newest_first)


class Listing:
    def test_an_entry_of_ours_shows_its_envelope(self, store: EventStore) -> None:
        store.append(CHECKOUTS, [(at(0, initiated()),)])

        (listed,) = store.page(CHECKOUTS, count=1).entries

        assert (listed.type, listed.checkout_id) == ("CheckoutInitiated", CHECKOUT)
        assert (listed.event_id, listed.version, listed.causation_id) == ("initiated", 1, CAUSE)
        assert listed.malformed is None

    def test_an_entry_of_another_program_shows_what_it_has(self, store: EventStore, outside: Outside) -> None:
        outside.write(CHECKOUTS, start_by_another_program())

        (listed,) = store.page(CHECKOUTS, count=1).entries

        assert (listed.type, listed.checkout_id) == ("CheckoutInitiated", CHECKOUT)
        assert (listed.event_id, listed.version, listed.emitted_at_s) == (None, None, 1690000000.1)

    @pytest.mark.parametrize("wrong", MALFORMED)
    def test_an_entry_that_is_no_event_is_listed_like_any_other(
        self, store: EventStore, outside: Outside, wrong: str
    ) -> None:
        store.append(CHECKOUTS, [(at(0, initiated()),)])
        position = outside.write(CHECKOUTS, MALFORMED[wrong])
        store.append(CHECKOUTS, [(at(1, reserved()),)])

        listed = store.page(CHECKOUTS, count=10).entries

        assert len(listed) == 3
        assert listed[1].position == position
        assert [entry.type for entry in listed[::2]] == ["CheckoutInitiated", "StockReserved"]

    @pytest.mark.parametrize("wrong", ["no payload", "broken JSON", "a list", "not UTF-8", "too large"])
    def test_it_says_what_is_wrong_with_its_payload(
        self, store: EventStore, outside: Outside, wrong: str
    ) -> None:
        outside.write(CHECKOUTS, MALFORMED[wrong])

        (listed,) = store.page(CHECKOUTS, count=1).entries

        assert listed.malformed
        assert "payload" in listed.malformed
        assert len(str(listed.payload)) < 10_000
