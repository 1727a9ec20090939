"""What an operator types about calls to existing services."""

import pytest

from entrypoints.exit_codes import ExitCode
from tests.shop_elsewhere import ShopElsewhere
from tests.terminal import Terminal
from tests.unit.http.rig import client_of


@pytest.fixture
def shop() -> ShopElsewhere:
    return ShopElsewhere()


@pytest.fixture
def terminal(shop: ShopElsewhere) -> Terminal:
    return Terminal(shop=shop, columns=150, environment={"LOGNAME": "ada"})


@pytest.fixture
def call(shop: ShopElsewhere) -> str:
    """A sale in doubt."""
    shop.sales.faults.append("lost-after")
    checkout = shop.start({"p-1": 2})
    shop.run()
    return f"{checkout}:enter-1"


def in_a_line(text: str) -> str:
    return " ".join(text.split())


def test_where_nothing_is_in_doubt_it_is_said(terminal: Terminal) -> None:
    assert terminal.run("calls", "list").out == "no call is in doubt here\n"


def test_the_list_says_what_was_asked_for_and_what_was_heard(
    terminal: Terminal, shop: ShopElsewhere, call: str
) -> None:
    shop.clock.advance(90)

    told = in_a_line(terminal.run("calls", "list").out)

    assert f"{call} orders: enter 2 units of p-1 in doubt 1 min 30 s no answer in time" in told
    assert f"comptoir calls show {call}" in told
    programs = terminal.run("calls", "list", "--json").json
    assert programs == client_of(shop.container).get("/api/calls").json


def test_all_calls_of_a_checkout_are_listed(terminal: Terminal, call: str) -> None:
    checkout = call.partition(":")[0]
    assert "inventory: take 2 units of p-1" in in_a_line(
        terminal.run("calls", "list", "--checkout", checkout).out
    )
    only = terminal.run("calls", "list", "--checkout", checkout, "--state", "in-doubt").out
    assert "inventory: take" not in in_a_line(only)
    assert terminal.run("calls", "list", "--state", "all").code == ExitCode.USAGE


def test_one_is_shown_with_everything_needed_to_decide(
    terminal: Terminal, shop: ShopElsewhere, call: str
) -> None:
    told = in_a_line(terminal.run("calls", "show", call).out)

    assert f"key {shop.sales.effects[0].key}" in told
    assert "if it happened the sale counts for its line (name its id)" in told
    assert "CallInDoubt: enter-1: no answer in time" in told
    assert f"comptoir calls settle {call} --happened --vente-id SALE | --did-not-happen --reason WHY" in told


def test_a_decision_is_told_and_the_checkout_goes_on(
    terminal: Terminal, shop: ShopElsewhere, call: str
) -> None:
    words = ("calls", "settle", call, "--happened", "--vente-id", "vente-1", "--reason", "in their list")
    done, again = terminal.run(*words), terminal.run(*words)
    shop.run()

    assert (done.code, again.code) == (0, 0)
    assert done.out.startswith(f"✓ call {call} is done\n")
    assert again.out.startswith(f"● call {call} is done before; nothing was changed\n")
    assert shop.replay(call.partition(":")[0]).view.status == "succeeded"
    assert "in doubt" not in terminal.run("calls", "show", call).out.replace("CallInDoubt", "")


def test_what_cannot_be_decided_says_why(terminal: Terminal, call: str) -> None:
    both = terminal.run("calls", "settle", call, "--happened", "--did-not-happen", "--reason", "x")
    neither = terminal.run("calls", "settle", call, "--reason", "x")
    unnamed = terminal.run("calls", "settle", call, "--happened", "--reason", "x")
    unknown = terminal.run("calls", "settle", "k4t2:take-1", "--did-not-happen", "--reason", "x")
    nonsense = terminal.run("calls", "show", "nonsense")
    nowhere = terminal.run("calls", "show", "k4t2:take-1")

    assert both.code == neither.code == ExitCode.USAGE
    assert unnamed.err == "comptoir: --vente-id is required: the service's id of the sale\n"
    assert (unknown.code, unknown.err) == (
        ExitCode.NOT_FOUND,
        "comptoir: there is no call k4t2:take-1\n",
    )
    assert (nonsense.code, nowhere.code) == (ExitCode.REFUSED, ExitCode.NOT_FOUND)
    assert nonsense.err == "comptoir: ID must be the id of a call, such as k4t2:take-1\n"


def test_stuck_checkouts_lead_there(terminal: Terminal, shop: ShopElsewhere, call: str) -> None:
    shop.clock.advance(400)

    told = in_a_line(terminal.run("checkouts", "stuck").out)

    assert "operator" in told
    assert "in doubt: enter-1: no answer in time look in the service, then: comptoir calls show" in told


def test_a_replay_ends_with_the_calls_that_were_made(terminal: Terminal, call: str) -> None:
    told = in_a_line(terminal.run("replay", call.partition(":")[0]).out)

    assert "take-1 done 1 - enter-1 in doubt 1 no answer in time" in told
