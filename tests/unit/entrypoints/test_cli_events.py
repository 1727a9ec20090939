"""`comptoir events --follow`: each event on a line, those that were wanted, until it is told to end."""

import json
import threading
from typing import Any

import pytest
from dependency_injector import providers

from adapters.inmemory.event_feed import InMemoryEventFeed
from application.events.streams import CALLS, CHECKOUTS, INVENTORY
from application.ports.errors import Unavailable
from application.ports.event_feed import FeedEntry
from entrypoints.commands.follow_events import PatientFeed
from entrypoints.exit_codes import ExitCode
from tests.terminal import Outcome, Terminal


@pytest.fixture
def terminal() -> Terminal:
    terminal = Terminal()
    terminal.shop.receive({"pencil": 5})
    return terminal


def followed(terminal: Terminal, *options: str) -> Outcome:
    """What there is, for nothing more will come."""
    return terminal.run("events", "--follow", "--after", "0-0", *options)


def documents(outcome: Outcome) -> list[dict[str, Any]]:
    assert (outcome.code, outcome.err) == (ExitCode.FINE, "")
    return [json.loads(line) for line in outcome.out.splitlines()]


def test_each_event_is_a_document_on_a_line_as_the_listing_has_it(terminal: Terminal) -> None:
    terminal.shop.start({"pencil": 3})
    terminal.shop.run()

    lines = documents(followed(terminal, "--count", "4", "--json"))

    assert lines == terminal.run("events", CHECKOUTS, "--json").json["events"]


def test_from_a_position_on_only_what_follows_it_is_shown(terminal: Terminal) -> None:
    terminal.shop.start({"pencil": 3})
    terminal.shop.run()
    third = terminal.run("events", "--json").json["events"][2]["position"]

    (only,) = documents(terminal.run("events", "--follow", "--after", third, "--count", "1", "--json"))

    assert only["type"] == "CheckoutSucceeded"


def test_one_type_one_checkout_and_another_stream_may_be_wanted(terminal: Terminal) -> None:
    first, second = (terminal.shop.start({"pencil": units}) for units in (3, 9))
    terminal.shop.run()

    of_type = documents(followed(terminal, "--type", "CheckoutInitiated", "--count", "2", "--json"))
    of_one = documents(followed(terminal, "--checkout", second, "--count", "3", "--json"))
    stock = documents(
        followed(terminal, "--stream", INVENTORY, "--checkout", first, "--count", "1", "--json")
    )

    assert [event["checkout_id"] for event in of_type] == [first, second]
    assert [event["type"] for event in of_one] == terminal.shop.facts(second)
    assert [event["type"] for event in stock] == ["UnitsHeld"]


def test_people_see_where_when_what_and_about_whom_on_a_line_each(terminal: Terminal) -> None:
    checkout_id = terminal.shop.start({"pencil": 3})
    terminal.shop.run()

    lines = followed(terminal, "--count", "4").out.splitlines()

    assert len(lines) == 4
    assert all(checkout_id in line for line in lines)
    assert "CheckoutInitiated" in lines[0]
    assert '"produit_id":"pencil"' in lines[0]


def test_from_now_on_what_was_there_before_is_not_shown(terminal: Terminal) -> None:
    terminal.shop.start({"pencil": 1})
    begun = threading.Event()

    class Telling(InMemoryEventFeed):
        def end(self, stream: str) -> str:
            found = super().end(stream)
            begun.set()
            return found

    terminal.shop.container.event_feed.override(providers.Object(Telling(terminal.shop.log)))

    def start_another() -> None:
        begun.wait(10)
        terminal.shop.start({"pencil": 2}, client_id="late")

    later = threading.Thread(target=start_another)
    later.start()
    (event,) = documents(terminal.run("events", "--follow", "--count", "1", "--json"))
    later.join()

    assert event["payload"]["client_id"] == "late"


def test_ctrl_c_is_how_it_ends(terminal: Terminal) -> None:
    class Interrupted(InMemoryEventFeed):
        def read(self, stream: str, *, after: str, count: int, block_ms: int) -> list[FeedEntry]:
            if block_ms == 0:  # whoever reads again is the command itself
                raise KeyboardInterrupt
            return super().read(stream, after=after, count=count, block_ms=block_ms)

    terminal.shop.start({"pencil": 1})
    terminal.shop.container.event_feed.override(providers.Object(Interrupted(terminal.shop.log)))

    ended = followed(terminal)

    assert (ended.code, ended.out, ended.err) == (ExitCode.FINE, "", "")


def test_a_server_that_is_away_twice_is_told_of_twice_however_often_it_is_asked(terminal: Terminal) -> None:
    said: list[str] = []
    away = [True, True, False, True, False]

    class Unsteady(InMemoryEventFeed):
        def read(self, stream: str, *, after: str, count: int, block_ms: int) -> list[FeedEntry]:
            if away.pop(0):
                raise Unavailable("refused")
            return []

    feed = PatientFeed(Unsteady(terminal.shop.log), said.append)
    answers: list[list[FeedEntry] | None] = []
    for _ in range(5):
        try:
            answers.append(feed.read(CHECKOUTS, after="0-0", count=1, block_ms=0))
        except Unavailable:
            answers.append(None)

    assert answers == [None, None, [], None, []]
    assert said == ["the server does not answer, and is waited for: refused"] * 2


@pytest.mark.parametrize(
    ("tokens", "code", "said"),
    [
        (["--follow", "--newest-first"], ExitCode.USAGE, "choose one"),
        (["--checkout", "c-1"], ExitCode.USAGE, "comptoir replay"),
        (["--follow", "--checkout", "a/b"], ExitCode.REFUSED, "--checkout must be 1 to 128"),
        (["--follow", "--after", "later"], ExitCode.REFUSED, "--after must be a position"),
        (["--follow", "--stream", "secrets"], ExitCode.NOT_FOUND, CALLS),
    ],
)
def test_what_cannot_be_followed_is_told_in_a_line(
    terminal: Terminal, tokens: list[str], code: ExitCode, said: str
) -> None:
    ended = terminal.run("events", *tokens)

    assert (ended.code, ended.out) == (code, "")
    assert said in ended.err
    assert ended.err.count("\n") == 1
