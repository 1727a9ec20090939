"""What each question answers, to people and to programs."""

import json
from pathlib import Path

import pytest

from application.events.streams import CHECKOUTS, INVENTORY
from domain.checkout.events import CheckoutInitiated
from entrypoints.exit_codes import ExitCode
from tests.terminal import Terminal
from tests.unit.http.rig import client_of

BODY = {"client_id": "ada", "panier": {"produits": [{"produit_id": "pencil", "quantite": 3}]}}


def text_of(body: object) -> bytes:
    return json.dumps(body).encode()


@pytest.fixture
def terminal() -> Terminal:
    return Terminal()


@pytest.fixture
def ended(terminal: Terminal) -> str:
    """The id of a checkout that has succeeded, in a shop where another has failed."""
    terminal.shop.receive({"pencil": 5})
    checkout_id = terminal.shop.start({"pencil": 3}, client_id="ada")
    terminal.shop.start({"pencil": 4}, client_id="ada")
    terminal.shop.run()
    return checkout_id


def test_units_received_are_in_stock(terminal: Terminal) -> None:
    assert terminal.run("stock", "receive", "pencil", "1200").out == "✓ received 1,200 units of pencil\n"

    assert terminal.run("stock", "show", "pencil", "--json").json == {
        "produit_id": "pencil",
        "quantite_disponible": 1200,
        "quantite_reservee": 0,
        "version": 1,
    }


def test_a_receipt_repeated_with_its_key_counts_once(terminal: Terminal) -> None:
    terminal.run("stock", "receive", "pencil", "7", "--key", "delivery 1")

    again = terminal.run("stock", "receive", "pencil", "7", "--key", "delivery 1")

    assert again.code == 0
    assert "had been received with this key before" in again.out
    assert terminal.shop.stock("pencil") == (7, 0)


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        (["stock", "receive", "pencil", "0"], "quantite must be"),
        (["stock", "receive", "pencil", "-3"], "quantite must be"),
        (["stock", "receive", "pen cil", "1"], "PRODUIT must be 1 to 128"),
        (["stock", "receive", "pencil", "1", "--key", ""], "--key must be 1 to 200"),
        (["replay", "a/b"], "ID must be 1 to 128"),
        (["replay", "abc", "--as-of", "yesterday"], "--as-of must be a position or epoch seconds"),
        (["events", CHECKOUTS, "--after", "later"], "--after must be a position"),
        (["orders", "ada", "--after", "later"], "--after must be a position"),
    ],
)
def test_what_a_rule_refuses_names_the_field_and_its_limit(
    terminal: Terminal, tokens: list[str], said: str
) -> None:
    refused = terminal.run(*tokens)

    assert (refused.code, refused.out) == (ExitCode.REFUSED, "")
    assert said in refused.err
    assert refused.err.count("\n") == 1


@pytest.mark.parametrize(
    "tokens",
    [
        ["stock", "show", "pencil"],
        ["checkout", "show", "nobody"],
        ["checkout", "show", "nobody", "--follow"],
        ["replay", "nobody"],
        ["events", "secrets"],
    ],
)
def test_what_is_not_there_has_a_code_of_its_own(terminal: Terminal, tokens: list[str]) -> None:
    missing = terminal.run(*tokens)

    assert (missing.code, missing.out) == (ExitCode.NOT_FOUND, "")
    assert missing.err.startswith("comptoir: there is no ")


def test_stock_is_listed_by_product_and_says_when_there_is_more(terminal: Terminal) -> None:
    assert "no product has stock yet" in terminal.run("stock", "show").out

    terminal.shop.receive({"pencil": 5, "eraser": 2, "ruler": 1})
    listed = terminal.run("stock", "show", "--count", "2")

    assert listed.out.index("eraser") < listed.out.index("pencil")
    assert "ruler" not in listed.out
    assert "there are more products" in listed.out
    wire = terminal.run("stock", "show", "--json").json
    assert [row["produit_id"] for row in wire["produits"]] == ["eraser", "pencil", "ruler"]
    assert wire["more"] is False


def test_a_checkout_starts_from_standard_input(terminal: Terminal) -> None:
    started = terminal.run("checkout", "start", "-", "--json", stdin=text_of(BODY)).json

    event = terminal.shop.replay(started["checkout_id"]).events[0].recorded.event
    assert isinstance(event, CheckoutInitiated)
    assert (event.client_id, event.cart.units_by_product()) == ("ada", {"pencil": 3})


def test_a_price_is_read_to_its_last_decimal_and_never_rounded(terminal: Terminal) -> None:
    body = text_of(BODY).replace(b": 3", b': 3, "prix_unitaire": 0.10000000000000000001')

    refused = terminal.run("checkout", "start", stdin=body)

    assert refused.code == ExitCode.REFUSED
    assert "panier.produits[0].prix_unitaire must be a decimal" in refused.err


def test_a_checkout_starts_from_a_file(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "checkout.json"
    file.write_bytes(text_of(BODY))

    started = terminal.run("checkout", "start", str(file))

    assert started.code == 0
    assert "has started" in started.out
    assert "--follow" in started.out


def test_a_checkout_repeated_with_its_key_is_the_same_one(terminal: Terminal) -> None:
    first, again = (
        terminal.run("checkout", "start", "--key", "k", "--json", stdin=text_of(BODY)) for _ in range(2)
    )
    other = terminal.run("checkout", "start", "--key", "k", stdin=text_of(BODY | {"client_id": "bob"}))

    assert first.json == again.json
    assert other.code == ExitCode.REFUSED
    assert "--key must be new" in other.err
    said = terminal.run("checkout", "start", "--key", "k", stdin=text_of(BODY)).out
    assert "had been started with this key before" in said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "standard input is not JSON"),
        (b'{"client_id": "ada"', "standard input is not JSON"),
        (b'{"client_id": NaN}', "standard input is not JSON"),
        (b'{"client_id": "\xff"}', "standard input is not JSON"),
        (b"[" * 60_000, "standard input is not JSON"),
        (b'{"client_id": "ada"}', "panier is required"),
        (b'{"client_id": "ada", "client_id": "bob"}', "client_id must be given once"),
        (b'{"%s": 1, "%s": 2}' % (b"x" * 60, b"x" * 60), f"comptoir: {'x' * 50} must be given once"),
        (b'{"n": 1e-99999999999999999999}', "standard input has a number with too large an exponent"),
        (text_of(BODY | {"pannier": 1}), "pannier is not known here"),
        (b" " * 65_537, "at most 65536 bytes"),
    ],
)
def test_a_body_that_is_no_checkout_is_refused_in_one_line(
    terminal: Terminal, body: bytes, said: str
) -> None:
    refused = terminal.run("checkout", "start", stdin=body)

    assert refused.code == ExitCode.REFUSED
    assert said in refused.err
    assert refused.err.count("\n") == 1


def test_a_file_that_cannot_be_read_is_wrong_usage(terminal: Terminal, tmp_path: Path) -> None:
    missing = terminal.run("checkout", "start", str(tmp_path / "nothing.json"))

    assert missing.code == ExitCode.USAGE
    assert "cannot be read: No such file or directory" in missing.err


def test_a_checkout_is_shown_with_its_cart_its_order_and_its_steps(terminal: Terminal, ended: str) -> None:
    shown = terminal.run("checkout", "show", ended).out

    assert f"checkout {ended}  ✓ succeeded" in shown
    assert f"o-{ended}" in shown
    assert "30.00" in shown
    for fact in ("CheckoutInitiated", "StockReserved", "OrderCreated", "CheckoutSucceeded"):
        assert fact in shown


def test_replay_as_of_shows_the_checkout_as_it_was(terminal: Terminal, ended: str) -> None:
    first = terminal.shop.replay(ended).events[0].recorded.position

    then = terminal.run("replay", ended, "--as-of", first)

    assert "● initiated" in then.out
    assert f"as of {first}" in then.out
    assert "StockReserved" not in then.out


def test_events_are_paged_with_a_cursor_in_both_directions(terminal: Terminal, ended: str) -> None:
    everything = terminal.run("events", CHECKOUTS, "--json").json["events"]

    for order, expected in (([], everything), (["--newest-first"], everything[::-1])):
        page = terminal.run("events", CHECKOUTS, "--count", "3", *order, "--json").json
        rest = terminal.run("events", CHECKOUTS, "--after", page["next"], *order, "--json").json
        assert page["events"] + rest["events"] == expected
    assert "there is more: --after" in terminal.run("events", CHECKOUTS, "--count", "3").out


def test_events_are_listed_by_type(terminal: Terminal, ended: str) -> None:
    page = terminal.run("events", INVENTORY, "--type", "UnitsHeld", "--json").json

    assert [event["type"] for event in page["events"]] == ["UnitsHeld"]


def test_orders_are_listed_newest_first_with_the_reason_of_those_that_failed(
    terminal: Terminal, ended: str
) -> None:
    shown = terminal.run("orders", "ada").out

    assert "1 order, 1 failed" in shown
    assert shown.index("✗ failed") < shown.index("✓ succeeded")
    assert "not enough stock" in shown
    page = terminal.run("orders", "ada", "--count", "1", "--json").json
    rest = terminal.run("orders", "ada", "--after", page["next"], "--json").json
    assert [row["checkout_id"] for row in rest["orders"]] == [ended]


def test_a_client_without_orders_is_no_error(terminal: Terminal) -> None:
    nobody = terminal.run("orders", "nobody")

    assert (nobody.code, nobody.out) == (0, "client nobody  0 orders, 0 failed\n")


def test_what_programs_get_is_what_they_get_over_http(terminal: Terminal, ended: str) -> None:
    http = client_of(terminal.shop.container)

    for tokens, path in (
        (["stock", "show", "pencil"], "/api/inventory/pencil"),
        (["checkout", "show", ended], f"/api/checkouts/{ended}"),
        (["replay", ended], f"/api/event-store/replay/checkout/{ended}"),
        (["events", CHECKOUTS, "--count", "2"], f"/api/event-store/streams/{CHECKOUTS}/events?count=2"),
        (["orders", "ada"], "/api/event-store/cqrs/orders-by-client/ada"),
    ):
        assert terminal.run(*tokens, "--json").json == http.get(path).json


def test_a_text_from_outside_commands_no_terminal(terminal: Terminal) -> None:
    body = text_of(BODY).replace(b'"quantite": 3', rb'"quantite": 3, "nom_produit": "\u001b[2J[bold]x :+1:"')
    started = terminal.run("checkout", "start", "--json", stdin=body).json

    shown = terminal.run("checkout", "show", started["checkout_id"]).out

    assert "\x1b" not in shown
    assert r"\x1b[2J[bold]x :+1:" in shown
