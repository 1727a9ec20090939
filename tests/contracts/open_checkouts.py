"""The contract of OpenCheckouts."""

from application.ports.open_checkouts import OpenCheckouts

NOW_S = 1_700_000_000.0


class OpenCheckoutsContract:
    """What every OpenCheckouts does. A subclass provides `open_checkouts`."""

    def test_what_is_open_comes_oldest_first_with_its_start(self, open_checkouts: OpenCheckouts) -> None:
        open_checkouts.opened({"new": NOW_S, "old": NOW_S - 900})
        open_checkouts.opened({"middle": NOW_S - 0.125})

        assert open_checkouts.oldest(count=10) == [
            ("old", NOW_S - 900),
            ("middle", NOW_S - 0.125),
            ("new", NOW_S),
        ]
        assert open_checkouts.count() == 3

    def test_what_has_ended_is_forgotten(self, open_checkouts: OpenCheckouts) -> None:
        open_checkouts.opened({"one": NOW_S, "two": NOW_S, "three": NOW_S})

        open_checkouts.ended(["one", "three", "unknown"])
        open_checkouts.ended(iter(["one"]))

        assert open_checkouts.oldest(count=10) == [("two", NOW_S)]
        assert open_checkouts.count() == 1

    def test_a_start_noted_twice_is_one_checkout(self, open_checkouts: OpenCheckouts) -> None:
        open_checkouts.opened({"one": NOW_S})
        open_checkouts.opened({"one": NOW_S})

        assert open_checkouts.count() == 1

    def test_at_most_so_many_come(self, open_checkouts: OpenCheckouts) -> None:
        open_checkouts.opened({f"checkout-{n}": NOW_S + n for n in range(5)})

        assert open_checkouts.oldest(count=2) == [("checkout-0", NOW_S), ("checkout-1", NOW_S + 1)]

    def test_only_those_that_began_by_then_come(self, open_checkouts: OpenCheckouts) -> None:
        open_checkouts.opened({"before": NOW_S - 1, "then": NOW_S, "after": NOW_S + 0.001})

        found = open_checkouts.oldest(count=10, before_s=NOW_S)

        assert [checkout_id for checkout_id, _ in found] == ["before", "then"]
        assert open_checkouts.oldest(count=10, before_s=NOW_S - 2) == []

    def test_pages_follow_one_another_whatever_ends_and_begins_meanwhile(
        self, open_checkouts: OpenCheckouts
    ) -> None:
        open_checkouts.opened({f"checkout-{n}": NOW_S + n // 3 for n in range(9)})  # three at a time
        seen = []
        last = None
        while page := open_checkouts.oldest(count=2, after=last):
            seen += [checkout_id for checkout_id, _ in page]
            last = page[-1]
            open_checkouts.ended([page[0][0], last[0]])
            if len(seen) == 4:
                open_checkouts.opened({"new": NOW_S + 5})

        assert seen == [*(f"checkout-{n}" for n in range(9)), "new"]

    def test_a_page_ends_where_it_is_told_to(self, open_checkouts: OpenCheckouts) -> None:
        open_checkouts.opened({f"checkout-{n}": NOW_S + n for n in range(4)})

        rest = open_checkouts.oldest(count=9, before_s=NOW_S + 2, after=("checkout-0", NOW_S))

        assert [checkout_id for checkout_id, _ in rest] == ["checkout-1", "checkout-2"]

    def test_nothing_to_note_or_to_forget_is_no_trouble(self, open_checkouts: OpenCheckouts) -> None:
        open_checkouts.opened({})
        open_checkouts.ended([])

        assert (open_checkouts.count(), open_checkouts.oldest(count=10)) == (0, [])
