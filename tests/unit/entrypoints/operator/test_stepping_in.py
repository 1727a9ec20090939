"""Commands that step in: what they write, who is said to have asked, and what is refused."""

import getpass

import pytest

from domain.checkout.events import StepRetried
from entrypoints.exit_codes import ExitCode
from tests.shop import Shop
from tests.terminal import Terminal
from tests.unit.entrypoints.operator.seen import in_a_line, last_event


@pytest.mark.parametrize(
    ("act", "step", "facts"),
    [
        ("cancel", "compensating", ["CheckoutCancelled"]),
        ("retry", "stock_reserved", ["StepRetried"]),
        ("force-compensation", "compensating", ["CompensationForced"]),
        ("resolve", "failed", ["CheckoutResolved", "CheckoutFailed"]),
    ],
)
def test_every_act_is_an_event_and_tells_how_the_checkout_stands(
    terminal: Terminal, held: str, act: str, step: str, facts: list[str]
) -> None:
    done = terminal.run("checkout", act, held, "--reason", "she called")

    assert done.code == 0
    assert f"stands at {step}" in in_a_line(done.out)
    assert "asked by ada" in in_a_line(done.out)
    assert terminal.shop.facts(held)[2:] == facts


@pytest.mark.parametrize(
    ("tokens", "so_already"),
    [
        (("checkout", "cancel"), "was failing before"),
        (("deadlines", "cancel"), "had no deadline before"),
        (("deadlines", "postpone", "--until", "2000000000"), "had time until 2033-05-18"),
    ],
)
def test_what_has_come_about_before_is_said_to_change_nothing(
    terminal: Terminal, held: str, tokens: tuple[str, ...], so_already: str
) -> None:
    first, second = (terminal.run(*tokens, held, "--reason", "she called") for _ in range(2))
    programs = terminal.run(*tokens, held, "--reason", "she called", "--json")

    assert (first.code, second.code, programs.code) == (0, 0, 0)
    assert first.out.startswith(f"✓ checkout {held} ")
    assert second.out.startswith(f"● checkout {held} {so_already}")
    assert "; nothing was changed\n" in second.out
    assert "asked by" not in second.out
    assert programs.json["changed"] is False
    assert len(terminal.shop.facts(held)) == 3


@pytest.mark.parametrize("options", [["--by", "5m"], ["--until", "2000000000"]])
def test_one_that_is_failing_or_has_ended_gets_no_more_time(
    terminal: Terminal, shop: Shop, held: str, given_up: str, options: list[str]
) -> None:
    tokens = ["deadlines", "postpone", given_up, *options, "--reason", "too late"]
    failing = terminal.run(*tokens)
    terminal.run("checkout", "force-compensation", given_up, "--reason", "open again")
    shop.run()
    ended = terminal.run(*tokens)

    assert (failing.code, ended.code) == (ExitCode.REFUSED, ExitCode.REFUSED)
    assert failing.err.startswith(f"comptoir: checkout {given_up} is failing already")
    assert ended.err == f"comptoir: checkout {given_up} has ended\n"


def test_programs_get_the_checkout_as_over_http(terminal: Terminal, held: str) -> None:
    done = terminal.run("checkout", "cancel", held, "--reason", "she called", "--json").json

    assert (done["checkout_id"], done["step"]) == (held, "compensating")
    assert done["links"]["self"] == f"/api/checkouts/{held}"


def test_one_that_was_given_up_is_given_back_once_it_is_forced(
    terminal: Terminal, shop: Shop, given_up: str
) -> None:
    terminal.run("checkout", "force-compensation", given_up, "--reason", "open again")
    shop.run()

    assert shop.stock("pencil") == (9, 0)
    assert shop.replay(given_up).view.step == "failed"


@pytest.mark.parametrize(
    "tokens",
    [("checkout", act) for act in ("cancel", "retry", "force-compensation", "resolve")]
    + [("deadlines", "cancel")],
)
def test_one_that_has_ended_is_refused_and_one_that_never_was_is_not_found(
    terminal: Terminal, shop: Shop, held: str, tokens: tuple[str, str]
) -> None:
    shop.run()

    ended = terminal.run(*tokens, held, "--reason", "too late")
    unknown = terminal.run(*tokens, "nobody", "--reason", "too late")

    assert (ended.code, ended.err) == (ExitCode.REFUSED, f"comptoir: checkout {held} has ended\n")
    assert (unknown.code, unknown.err) == (ExitCode.NOT_FOUND, "comptoir: there is no checkout nobody\n")


def test_without_a_reason_nothing_is_done(terminal: Terminal, held: str) -> None:
    assert terminal.run("checkout", "cancel", held).code == ExitCode.USAGE
    blank = terminal.run("checkout", "cancel", held, "--reason", " ")

    assert (blank.code, blank.err) == (ExitCode.REFUSED, "comptoir: reason must be 1 to 500 characters\n")
    assert len(terminal.shop.facts(held)) == 2


@pytest.fixture
def _logged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "of-the-machine")


@pytest.mark.usefixtures("_logged_in")
@pytest.mark.parametrize(
    ("options", "environment", "actor"),
    [
        (["--actor", "bob"], {"LOGNAME": "ada"}, "bob"),
        ([], {"LOGNAME": "ada", "USER": "eve"}, "ada"),
        ([], {"USER": "eve"}, "eve"),
        ([], {}, "of-the-machine"),
    ],
)
def test_who_asks_is_named_or_logged_in(
    shop: Shop, held: str, options: list[str], environment: dict[str, str], actor: str
) -> None:
    terminal = Terminal(shop=shop, environment=environment)

    terminal.run("checkout", "retry", held, "--reason", "again", *options)

    event = last_event(shop, held)
    assert isinstance(event, StepRetried)
    assert event.actor == actor


def test_a_user_without_a_name_is_the_command_line(
    monkeypatch: pytest.MonkeyPatch, shop: Shop, held: str
) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr(getpass, "getuser", nobody)

    Terminal(shop=shop).run("checkout", "retry", held, "--reason", "again")

    event = last_event(shop, held)
    assert isinstance(event, StepRetried)
    assert event.actor == "cli"
