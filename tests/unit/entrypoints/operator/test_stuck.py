"""What waits, and for what: `comptoir checkouts stuck`, and how durations are said."""

import pytest

from entrypoints.commands.durations import in_words
from entrypoints.exit_codes import ExitCode
from tests.each_row import each_row
from tests.shop import Shop
from tests.terminal import Terminal
from tests.unit.entrypoints.operator.seen import http, in_a_line


def test_what_waits_says_on_which_step_since_when_and_why(
    terminal: Terminal, shop: Shop, held: str, given_up: str
) -> None:
    shop.clock.advance(400)

    told = in_a_line(terminal.run("checkouts", "stuck", "--older-than", "5m").out)

    assert f"{held} order-creation 6 min 40 s" in told
    assert f"{given_up} operator 6 min 40 s" in told
    assert "giving back has failed for good: the" in told
    programs = terminal.run("checkouts", "stuck", "--older-than", "0s", "--json").json
    assert programs == http(shop, "/api/checkouts/stuck?older_than_s=0")


def test_where_nothing_is_that_old_it_is_said(terminal: Terminal, held: str) -> None:
    assert terminal.run("checkouts", "stuck").out == "no checkout has been open for 5m\n"
    assert held in terminal.run("checkouts", "stuck", "--older-than", "0s").out


def test_where_no_checkout_is_open_it_is_said(terminal: Terminal) -> None:
    assert terminal.run("checkouts", "stuck", "--older-than", "0s").out == "no checkout is open\n"


def test_a_page_tells_where_the_next_one_begins(terminal: Terminal, held: str, given_up: str) -> None:
    one = terminal.run("checkouts", "stuck", "--older-than", "0s", "--count", "1").out
    cursor = one.rpartition("there is more: --after ")[2].strip()
    two = terminal.run("checkouts", "stuck", "--older-than", "0s", "--count", "1", "--after", cursor).out

    assert [held in one, given_up in one].count(True) == 1
    assert (held in two, given_up in two) == (held not in one, given_up not in one)
    assert "there is more" not in two


@pytest.mark.parametrize("text", ["5", "m", "-5m", "5 m", "1w", ""])
def test_a_duration_needs_a_number_and_a_unit(terminal: Terminal, text: str) -> None:
    refused = terminal.run("checkouts", "stuck", f"--older-than={text}")

    assert refused.code == ExitCode.REFUSED
    assert "--older-than must be a number with its unit" in refused.err


@each_row(
    ("seconds", "said"),
    [
        (-1, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (400, "6 min 40 s"),
        (7_500, "2 h 5 min"),
        (90_000, "1 d 1 h"),
        (86_400, "1 d"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(seconds: float, said: str) -> None:
    assert in_words(seconds) == said


def test_a_stuck_compensation_is_said_to_wait_for_a_person(terminal: Terminal, given_up: str) -> None:
    shown = terminal.run("checkout", "show", given_up).out
    assert "waiting for an operator to have it given back" in shown
    assert "giving back has failed for good: the warehouse is closed" in shown
    assert f"comptoir checkout retry {given_up}" in shown
