"""`comptoir deadlines`: until when each checkout has, and more time for it."""

import pytest

from domain.checkout.events import DeadlinePostponed
from domain.checkout.saga import DEADLINE
from entrypoints.exit_codes import ExitCode
from tests.shop import CLIENT, Shop
from tests.terminal import Terminal
from tests.unit.entrypoints.operator.seen import http, in_a_line, last_event


def test_deadlines_are_listed_earliest_first(terminal: Terminal, shop: Shop, held: str) -> None:
    shop.clock.advance(910)
    later = shop.start({"pencil": 1})
    workers = shop.workers[DEADLINE]
    terminal_of_one = terminal.run("deadlines", "list")
    workers.turn()

    assert f"{held} 20" in in_a_line(terminal_of_one.out)
    assert "10 s ago" in terminal_of_one.out
    told = terminal.run("deadlines", "list", "--json").json
    assert [row["checkout_id"] for row in told["deadlines"]] == [later]
    assert told == http(shop, "/api/deadlines")
    assert "in 15 min" in terminal.run("deadlines", "list").out


def test_where_nothing_is_due_it_is_said(terminal: Terminal) -> None:
    assert terminal.run("deadlines", "list").out == "no checkout has a deadline\n"
    assert "--after must be a cursor" in terminal.run("deadlines", "list", "--after", "x").err


@pytest.mark.parametrize(
    ("options", "due_s"),
    [
        (["--by", "10m"], 1_700_001_500.0),
        (["--until", "1700009000.5"], 1_700_009_000.5),
        (["--until", "2023-11-15T00:00:00+00:00"], 1_700_006_400.0),
    ],
)
def test_a_deadline_is_postponed(
    terminal: Terminal, shop: Shop, held: str, options: list[str], due_s: float
) -> None:
    done = terminal.run("deadlines", "postpone", held, *options, "--reason", "a slow supplier")

    assert f"✓ checkout {held} has time until 2023-11-1" in done.out
    assert last_event(shop, held) == DeadlinePostponed(
        checkout_id=held, client_id=CLIENT, actor="ada", reason="a slow supplier", expires_at_s=due_s
    )
    shop.run(DEADLINE)
    assert [row["due_at"] for row in terminal.run("deadlines", "list", "--json").json["deadlines"]] == [due_s]


def test_one_postponed_twice_has_both_times_though_the_timetable_knows_of_none(
    terminal: Terminal, shop: Shop, held: str
) -> None:
    for _ in range(2):
        terminal.run("deadlines", "postpone", held, "--by", "10m", "--reason", "a slow supplier")

    event = last_event(shop, held)
    assert isinstance(event, DeadlinePostponed)
    assert event.expires_at_s == 1_700_000_000 + 900 + 1_200


def test_a_cancelled_deadline_never_comes_and_cannot_be_postponed_by_anything(
    terminal: Terminal, shop: Shop, held: str
) -> None:
    assert terminal.run("deadlines", "cancel", held, "--reason", "by hand").code == 0
    refused = terminal.run("deadlines", "postpone", held, "--by", "10m", "--reason", "x")

    assert refused.code == ExitCode.REFUSED
    assert "has no deadline now; name one with --until" in refused.err
    shop.clock.advance(10_000)
    shop.run(DEADLINE)
    assert "CheckoutDeadlineExpired" not in shop.facts(held)


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ([], ExitCode.USAGE, "postpone takes one of --until and --by"),
        (["--by", "1m", "--until", "5"], ExitCode.USAGE, "postpone takes one of --until and --by"),
        (["--by", "soon"], ExitCode.REFUSED, "--by must be a number with its unit"),
        (["--until", "soon"], ExitCode.REFUSED, "--until must be epoch seconds"),
    ],
)
def test_how_long_is_said_in_exactly_one_way(
    terminal: Terminal, held: str, options: list[str], code: ExitCode, said: str
) -> None:
    refused = terminal.run("deadlines", "postpone", held, *options, "--reason", "x")

    assert refused.code == code
    assert said in refused.err
