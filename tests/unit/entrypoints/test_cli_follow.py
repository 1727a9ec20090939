"""Following a checkout to its end, on a terminal and in a file."""

import pytest

from domain.checkout.saga import SAGA
from entrypoints.exit_codes import ExitCode
from tests.terminal import Terminal


def one_turn_at_a_time(terminal: Terminal) -> None:
    """Let one worker do what it finds, each time the command waits."""

    def turn() -> None:
        for step in SAGA:
            if terminal.shop.workers[step.worker].turn():
                return

    terminal.while_waiting = turn


@pytest.fixture
def terminal() -> Terminal:
    terminal = Terminal()
    terminal.shop.receive({"pencil": 5})
    one_turn_at_a_time(terminal)
    return terminal


def test_a_checkout_that_succeeds_ends_with_0_and_one_line_a_fact(terminal: Terminal) -> None:
    checkout_id = terminal.shop.start({"pencil": 3})

    followed = terminal.run("checkout", "show", checkout_id, "--follow")

    assert (followed.code, followed.err) == (ExitCode.FINE, "")
    title, *facts, end = followed.out.splitlines()
    assert checkout_id in title
    assert [line[14:].split()[0] for line in facts] == terminal.shop.facts(checkout_id)
    assert end.startswith("✓ succeeded after")


def test_a_checkout_that_fails_ends_with_4_and_says_why(terminal: Terminal) -> None:
    checkout_id = terminal.shop.start({"pencil": 6})

    followed = terminal.run("checkout", "show", checkout_id, "--follow")

    assert (followed.code, followed.err) == (ExitCode.FAILED, "")
    assert "pencil: 6 wanted, 5 free" in followed.out
    assert "✗ failed after" in followed.out


def test_a_checkout_still_open_when_time_is_up_ends_with_5_and_says_what_it_waits_for() -> None:
    terminal = Terminal()
    checkout_id = terminal.shop.start({"pencil": 6})

    followed = terminal.run("checkout", "show", checkout_id, "--follow", "--timeout-s", "2")

    assert followed.code == ExitCode.OPEN
    assert followed.err == (
        "comptoir: still open after 2 s, waiting for stock-reservation to reserve every line or none\n"
    )
    assert terminal.now_s == pytest.approx(2.0)


def test_programs_get_one_document_at_the_end(terminal: Terminal) -> None:
    checkout_id = terminal.shop.start({"pencil": 3})

    followed = terminal.run("checkout", "show", checkout_id, "--follow", "--json")

    assert followed.code == ExitCode.FINE
    assert followed.json["status"] == "succeeded"


def test_on_a_terminal_the_steps_are_drawn_over_until_the_end() -> None:
    terminal = Terminal(is_terminal=True, environment={"TERM": "xterm"})
    terminal.shop.receive({"pencil": 5})
    one_turn_at_a_time(terminal)
    checkout_id = terminal.shop.start({"pencil": 3})

    followed = terminal.run("checkout", "show", checkout_id, "--follow")

    assert followed.code == ExitCode.FINE
    assert "waiting for order-creation" in followed.out
    assert "ended after" in followed.out
    assert followed.out.rstrip().endswith("\x1b[?25h")


def test_a_checkout_that_ended_long_ago_is_shown_at_once(terminal: Terminal) -> None:
    checkout_id = terminal.shop.start({"pencil": 3})
    terminal.shop.run()

    followed = terminal.run("checkout", "show", checkout_id, "--follow")

    assert followed.code == ExitCode.FINE
    assert terminal.now_s == 0
