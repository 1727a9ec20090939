"""The contract of Deadlines."""

import pytest

from application.ports.deadlines import Deadlines
from application.ports.errors import InvalidPosition

NOW_S = 1_700_000_000.0


class DeadlinesContract:
    """What every Deadlines does. A subclass provides `deadlines`."""

    def test_what_is_due_comes_earliest_first(self, deadlines: Deadlines) -> None:
        deadlines.schedule({"late": NOW_S - 1, "latest": NOW_S - 0.001, "earliest": NOW_S - 900})

        assert deadlines.due(NOW_S, count=10) == ["earliest", "late", "latest"]

    def test_what_is_not_due_yet_does_not_come(self, deadlines: Deadlines) -> None:
        deadlines.schedule({"now": NOW_S, "soon": NOW_S + 0.001})

        assert deadlines.due(NOW_S, count=10) == ["now"]
        assert deadlines.due(NOW_S + 1, count=10) == ["now", "soon"]

    def test_at_most_so_many_come_and_they_stay_noted(self, deadlines: Deadlines) -> None:
        deadlines.schedule({f"checkout-{n}": NOW_S + n for n in range(5)})

        for _ in range(2):
            assert deadlines.due(NOW_S + 10, count=2) == ["checkout-0", "checkout-1"]

    def test_what_is_noted_keeps_its_time(self, deadlines: Deadlines) -> None:
        deadlines.schedule({"checkout": NOW_S})
        deadlines.schedule({"checkout": NOW_S + 900, "other": NOW_S + 900})

        assert deadlines.due(NOW_S, count=10) == ["checkout"]
        deadlines.schedule({"checkout": NOW_S - 900})
        assert deadlines.due(NOW_S - 1, count=10) == []

    def test_what_is_cancelled_does_not_come(self, deadlines: Deadlines) -> None:
        deadlines.schedule({"one": NOW_S, "two": NOW_S, "three": NOW_S})

        deadlines.cancel(["one", "three", "unknown"])
        deadlines.cancel(["one"])

        assert deadlines.due(NOW_S, count=10) == ["two"]

    def test_nothing_to_note_or_to_cancel_is_no_trouble(self, deadlines: Deadlines) -> None:
        deadlines.schedule({})
        deadlines.cancel([])
        deadlines.cancel(iter(["unknown"]))

        assert deadlines.due(NOW_S, count=10) == []

    def test_an_empty_timetable_has_nothing_due(self, deadlines: Deadlines) -> None:
        assert deadlines.due(NOW_S, count=10) == []

    def test_very_many_are_noted_in_one_call(self, deadlines: Deadlines) -> None:
        deadlines.schedule({f"checkout-{n:04}": NOW_S for n in range(2_000)})

        assert len(deadlines.due(NOW_S, count=5_000)) == 2_000

    def test_what_is_postponed_comes_at_its_new_time(self, deadlines: Deadlines) -> None:
        deadlines.schedule({"one": NOW_S, "two": NOW_S + 5})

        deadlines.postpone({"one": NOW_S + 10})

        assert deadlines.due(NOW_S + 9, count=10) == ["two"]
        assert deadlines.due(NOW_S + 10, count=10) == ["two", "one"]

    def test_it_may_also_be_brought_forward(self, deadlines: Deadlines) -> None:
        deadlines.schedule({"one": NOW_S + 900})

        deadlines.postpone({"one": NOW_S})

        assert deadlines.due(NOW_S, count=10) == ["one"]

    def test_a_postponement_of_what_is_not_noted_notes_nothing(self, deadlines: Deadlines) -> None:
        deadlines.schedule({"ended": NOW_S})
        deadlines.cancel(["ended"])

        deadlines.postpone({"ended": NOW_S, "unknown": NOW_S})
        deadlines.postpone({})

        assert deadlines.due(NOW_S + 10, count=10) == []

    def test_a_start_that_comes_round_again_leaves_the_new_time(self, deadlines: Deadlines) -> None:
        deadlines.schedule({"one": NOW_S})
        deadlines.postpone({"one": NOW_S + 900})
        deadlines.schedule({"one": NOW_S})

        assert deadlines.due(NOW_S + 899, count=10) == []

    def test_what_is_upcoming_comes_in_pages_earliest_first(self, deadlines: Deadlines) -> None:
        deadlines.schedule({f"checkout-{n}": NOW_S + 5 - n for n in range(5)})
        deadlines.postpone({"checkout-4": NOW_S + 0.125})

        pages, after = [], None
        for _ in range(3):
            page, after = deadlines.upcoming(count=2, after=after)
            pages.append(page)

        assert pages == [
            [("checkout-4", NOW_S + 0.125), ("checkout-3", NOW_S + 2)],
            [("checkout-2", NOW_S + 3), ("checkout-1", NOW_S + 4)],
            [("checkout-0", NOW_S + 5)],
        ]
        assert after is None

    def test_pages_leave_nothing_out_whatever_is_cancelled_and_noted_meanwhile(
        self, deadlines: Deadlines
    ) -> None:
        deadlines.schedule({f"checkout-{n}": NOW_S + n // 3 for n in range(9)})  # three at a time
        seen = []
        page, after = deadlines.upcoming(count=2)
        while True:
            seen += [checkout_id for checkout_id, _ in page]
            deadlines.cancel([checkout_id for checkout_id, _ in page])
            deadlines.schedule({"new": NOW_S + 5})
            if after is None:
                break
            page, after = deadlines.upcoming(count=2, after=after)

        assert seen == [*(f"checkout-{n}" for n in range(9)), "new"]

    def test_very_many_of_one_moment_come_page_by_page(self, deadlines: Deadlines) -> None:
        deadlines.schedule({f"checkout-{n:03}": NOW_S for n in range(100)})

        seen = []
        page, after = deadlines.upcoming(count=7)
        while after is not None:
            seen += [checkout_id for checkout_id, _ in page]
            page, after = deadlines.upcoming(count=7, after=after)

        assert [*seen, *(id_ for id_, _ in page)] == [f"checkout-{n:03}" for n in range(100)]

    @pytest.mark.parametrize("due_s", [0.0, 1e-05, 1700000900.1234567, 9.9e10])
    def test_a_cursor_names_any_moment(self, deadlines: Deadlines, due_s: float) -> None:
        deadlines.schedule({"one": due_s, "two": due_s})

        _, after = deadlines.upcoming(count=1)

        assert deadlines.upcoming(count=1, after=after) == ([("two", due_s)], None)

    def test_a_last_page_that_is_just_full_has_no_cursor(self, deadlines: Deadlines) -> None:
        deadlines.schedule({"one": NOW_S, "two": NOW_S + 1})

        assert deadlines.upcoming(count=2) == ([("one", NOW_S), ("two", NOW_S + 1)], None)

    def test_an_empty_timetable_has_nothing_upcoming(self, deadlines: Deadlines) -> None:
        assert deadlines.upcoming(count=10) == ([], None)

    @pytest.mark.parametrize("cursor", ["tomorrow", "", "1-0", "1:", ":a", "nan:a", "inf:a", "-1:a", "1:a b"])
    def test_what_is_no_cursor_is_refused(self, deadlines: Deadlines, cursor: str) -> None:
        with pytest.raises(InvalidPosition):
            deadlines.upcoming(count=10, after=cursor)
