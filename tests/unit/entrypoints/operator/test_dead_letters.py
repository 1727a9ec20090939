"""`comptoir dead-letters`: what was set aside, and what is decided about it."""

import pytest

from adapters.inmemory.event_bus import fields_of
from application.events.streams import CHECKOUTS
from domain.checkout.saga import STOCK_RESERVATION
from entrypoints.exit_codes import ExitCode
from tests.shop import Shop
from tests.terminal import Terminal
from tests.unit.entrypoints.operator.seen import DEADLINES, RESERVATIONS, UNKNOWN, http, in_a_line


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
