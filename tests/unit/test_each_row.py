"""A table in one test says as much as a test for each row."""

import pytest

from tests.each_row import each_row


def test_every_row_that_fails_is_told_and_the_others_are_run_all_the_same() -> None:
    run = []

    @each_row(("number", "name"), [(1, "one"), (2, "two"), (3, "three"), (4, "four")])
    def is_odd(number: int, name: str) -> None:
        run.append(name)
        if number == 4:
            pytest.fail("four is even")
        assert number % 2 == 1

    with pytest.raises(BaseExceptionGroup, match="2 of 4 rows") as failed:
        is_odd()

    assert run == ["one", "two", "three", "four"]
    assert [failure.__notes__ for failure in failed.value.exceptions] == [
        ["in the row: 2, 'two'"],
        ["in the row: 4, 'four'"],
    ]


@pytest.mark.parametrize("fixture", ["a fixture"])
@each_row("left", [1, 2])
@each_row("right", [3, 4])
def test_tables_may_be_crossed_and_fixtures_stay(left: int, right: int, fixture: str) -> None:
    assert left < right
    assert fixture == "a fixture"


def test_a_table_without_rows_is_refused() -> None:
    with pytest.raises(AssertionError, match="without rows"):
        each_row("row", [])
