"""What an operator types: dead letters, stuck checkouts, deadlines, and the commands that step in."""

import getpass
from collections.abc import Callable

import pytest
from dependency_injector import providers

from adapters.inmemory.event_bus import fields_of
from application.events.streams import CHECKOUTS
from application.ports.errors import Unavailable
from application.ports.event_store import NewEvent, Write
from domain.checkout.commands import Cancel
from domain.checkout.events import CheckoutEvent, CompensationFailed, DeadlinePostponed, StepRetried
from domain.checkout.saga import DEADLINE, STOCK_RESERVATION
from entrypoints.api import application_of
from entrypoints.commands.durations import in_words
from entrypoints.exit_codes import ExitCode
from tests.shop import CLIENT, Shop
from tests.terminal import Terminal

RESERVATIONS, DEADLINES = "1-0", "2-0"
"""The two dead letters of one malformed entry."""
UNKNOWN = "999-0"


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.receive({"pencil": 9})
    return shop


@pytest.fixture
def terminal(shop: Shop) -> Terminal:
    return Terminal(shop=shop, columns=120, environment={"LOGNAME": "ada"})


@pytest.fixture
def held(shop: Shop) -> str:
    """A checkout whose stock is held, and that waits for its order."""
    checkout_id = shop.start({"pencil": 2})
    shop.run(STOCK_RESERVATION, DEADLINE)
    return checkout_id


@pytest.fixture
def given_up(shop: Shop) -> str:
    """A checkout that was cancelled, and whose stock could not be given back."""
    checkout_id = shop.start({"pencil": 1})
    shop.run(STOCK_RESERVATION, DEADLINE)
    shop.container.checkout_desk().intervene(checkout_id, Cancel(actor="ada", reason="a mistake"))
    fact = CompensationFailed(checkout_id=checkout_id, client_id=CLIENT, reason="the warehouse is closed")
    new = NewEvent(event=fact, event_id="given-up")
    write = Write(entity=checkout_id, expected_version=len(shop.facts(checkout_id)), events=(new,))
    shop.store.append(CHECKOUTS, [(write,)])
    return checkout_id


@pytest.fixture
def malformed(shop: Shop) -> None:
    """An entry that is no event, set aside by the two groups that look into a start."""
    shop.log.add(CHECKOUTS, fields_of(type="CheckoutInitiated", payload="{\x1b[31m", checkout_id="k1"))
    shop.run(STOCK_RESERVATION, DEADLINE)


def last_event(shop: Shop, checkout_id: str) -> CheckoutEvent:
    event = shop.replay(checkout_id).events[-1].recorded.event
    assert isinstance(event, CheckoutEvent)
    return event


def in_a_line(text: str) -> str:
    return " ".join(text.split())


def http(shop: Shop, path: str) -> object:
    return application_of(shop.container).test_client().get(path).get_json()


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


@pytest.mark.parametrize(
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


@pytest.mark.usefixtures("malformed")
def test_dead_letters_are_listed_and_filtered(terminal: Terminal, shop: Shop) -> None:
    told = in_a_line(terminal.run("dead-letters", "list").out)
    assert f"{RESERVATIONS} open" in told
    assert "k1 checkout-reservation 1 payload is not JSON" in told
    assert f"comptoir dead-letters show {RESERVATIONS}" in told

    def found(*options: str) -> list[str]:
        letters = terminal.run("dead-letters", "list", "--json", *options).json["dead_letters"]
        return [letter["id"] for letter in letters]

    assert found() == [RESERVATIONS, DEADLINES]
    assert found("--group", "checkout-deadline") == [DEADLINES]
    assert found("--type", "CheckoutFailed") == []
    assert found("--reason-contains", "not JSON", "--checkout", "k1") == [RESERVATIONS, DEADLINES]
    assert found("--state", "discarded") == []
    assert found("--count", "1") == [RESERVATIONS]
    assert found("--after", RESERVATIONS) == [DEADLINES]
    assert terminal.run("dead-letters", "list", "--json").json == http(shop, "/api/dead-letters")
    assert (
        f"there is more: --after {RESERVATIONS}" in terminal.run("dead-letters", "list", "--count", "1").out
    )


@pytest.mark.usefixtures("malformed")
def test_one_is_shown_with_everything_and_commands_no_terminal(terminal: Terminal, shop: Shop) -> None:
    told = terminal.run("dead-letters", "show", RESERVATIONS)

    assert "Traceback (most recent call last):" in told.out
    assert "\x1b" not in told.out
    assert "payload {\\x1b[31m" in in_a_line(told.out)
    assert "after 1 attempt" in told.out
    assert ("first error" in told.out, "last error" in told.out) == (True, False), "they are the same"
    programs = terminal.run("dead-letters", "show", RESERVATIONS, "--json").json
    assert programs == http(shop, f"/api/dead-letters/{RESERVATIONS}")


def test_of_a_long_traceback_the_end_is_shown(terminal: Terminal, shop: Shop) -> None:
    cart = '{"produits": [{"produit_id": "p", "quantite": 0}]}'
    payload = f'{{"checkout_id": "k1", "client_id": "a", "panier": {cart}}}'
    shop.log.add(CHECKOUTS, fields_of(type="CheckoutInitiated", payload=payload))
    shop.run(STOCK_RESERVATION)
    (letter,) = terminal.run("dead-letters", "list", "--json").json["dead_letters"]

    told = terminal.run("dead-letters", "show", letter["id"]).out

    assert "lines more with --json" in told
    assert told.count("\n") < 60
    assert "MalformedEvent: payload.panier.produits[0].quantite must be" in told.splitlines()[-1]


@pytest.mark.usefixtures("malformed")
def test_those_named_are_redriven_once(terminal: Terminal) -> None:
    first = terminal.run("dead-letters", "redrive", RESERVATIONS, "--reason", "fixed")
    again = terminal.run("dead-letters", "redrive", RESERVATIONS, DEADLINES)
    unknown = terminal.run("dead-letters", "redrive", UNKNOWN, "--json")

    assert (first.code, "✓ 1 of 1 dead letter to be tried again" in first.out) == (0, True)
    assert (again.code, "● 1 of 2 dead letters" in again.out) == (ExitCode.REFUSED, True)
    assert f"{RESERVATIONS} already decided" in in_a_line(again.out)
    assert (unknown.code, unknown.json) == (ExitCode.NOT_FOUND, {"answers": {UNKNOWN: "unknown"}})
    assert "by ada: fixed" in terminal.run("dead-letters", "show", RESERVATIONS).out


@pytest.mark.usefixtures("malformed")
def test_all_that_fit_are_redriven_once_that_was_meant(terminal: Terminal) -> None:
    asked = terminal.run("dead-letters", "redrive", "--all", "--group", "checkout-deadline")
    done = terminal.run("dead-letters", "redrive", "--all", "--group", "checkout-deadline", "--yes", "--json")

    assert asked.code == ExitCode.USAGE
    assert asked.err == "comptoir: 1 dead letter would be tried again; repeat it with --yes\n"
    assert (done.code, done.json) == (0, {"answers": {DEADLINES: "redriven"}})
    assert terminal.run("dead-letters", "redrive", "--all", "--yes").code == 0
    assert terminal.run("dead-letters", "redrive", "--all", "--yes").out == "no dead letters here\n"


@pytest.mark.parametrize("options", [[], ["--yes"], [UNKNOWN, "--all", "--yes"], [UNKNOWN, "--group", "x"]])
def test_a_redrive_names_some_or_says_all(terminal: Terminal, options: list[str]) -> None:
    refused = terminal.run("dead-letters", "redrive", *options)

    assert refused.code == ExitCode.USAGE
    assert "either IDs, or --all" in refused.err


@pytest.mark.usefixtures("malformed")
def test_one_that_is_discarded_keeps_who_and_why(terminal: Terminal) -> None:
    done = terminal.run("dead-letters", "discard", RESERVATIONS, "--reason", "a test", "--actor", "bob")
    again = terminal.run("dead-letters", "discard", RESERVATIONS, "--reason", "again")

    assert done.out == f"✓ dead letter {RESERVATIONS} discarded by bob\n"
    assert (again.code, again.err) == (
        ExitCode.REFUSED,
        f"comptoir: dead letter {RESERVATIONS} was discarded before by bob\n",
    )
    assert "by bob: a test" in terminal.run("dead-letters", "show", RESERVATIONS).out


@pytest.mark.parametrize("tokens", [("show",), ("discard", "--reason", "x")])
def test_a_dead_letter_that_is_not_there_is_not_found(terminal: Terminal, tokens: tuple[str, ...]) -> None:
    missing = terminal.run("dead-letters", *tokens, UNKNOWN)
    nonsense = terminal.run("dead-letters", *tokens, "nonsense")

    assert (missing.code, missing.err) == (
        ExitCode.NOT_FOUND,
        f"comptoir: there is no dead letter {UNKNOWN}\n",
    )
    assert nonsense.code == ExitCode.REFUSED
    assert "ID must be the id of a dead letter" in nonsense.err


@pytest.mark.usefixtures("malformed")
@pytest.mark.parametrize("columns", [80, 104, 105, 200])
def test_every_answer_fits_the_screen(shop: Shop, held: str, given_up: str, columns: int) -> None:
    terminal = Terminal(shop=shop, columns=columns, environment={"LOGNAME": "ada"})
    for tokens in (
        ("checkouts", "stuck", "--older-than", "0s"),
        ("deadlines", "list"),
        ("deadlines", "postpone", held, "--by", "1h", "--reason", "x"),
        ("dead-letters", "list"),
        ("dead-letters", "show", RESERVATIONS),
        ("dead-letters", "redrive", RESERVATIONS),
        ("checkout", "cancel", given_up, "--reason", "x"),
    ):
        told = terminal.run(*tokens)
        assert told.code == 0, told
        assert max(len(line) for line in told.out.splitlines()) <= columns, tokens


@pytest.mark.parametrize("use_case", ["checkout_desk", "dead_letter_desk"])
def test_a_write_without_an_answer_says_what_to_do(shop: Shop, use_case: str) -> None:
    class Away:
        def __getattr__(self, name: str) -> Callable[..., None]:
            def call(*_: object, **__: object) -> None:
                raise Unavailable("TimeoutError: no answer")

            return call

    shop.container.providers[use_case].override(providers.Object(Away()))
    tokens = {
        "checkout_desk": ("checkout", "cancel", "k1"),
        "dead_letter_desk": ("dead-letters", "discard", UNKNOWN),
    }[use_case]

    away = Terminal(shop=shop).run(*tokens, "--reason", "x")

    assert away.code == ExitCode.AWAY
    assert "whether anything was written is not known; look, then ask again" in away.err


def test_a_stuck_compensation_is_said_to_wait_for_a_person(terminal: Terminal, given_up: str) -> None:
    shown = terminal.run("checkout", "show", given_up).out
    assert "waiting for an operator to have it given back" in shown
    assert "giving back has failed for good: the warehouse is closed" in shown
    assert f"comptoir checkout retry {given_up}" in shown
