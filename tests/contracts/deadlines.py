"""The contract of Deadlines."""

from application.ports.deadlines import Deadlines

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
