"""`comptoir read-model rebuild` as a person and as a script meet it."""

import pytest

from application.requests.rebuild_orders import OrdersRebuilder
from entrypoints.exit_codes import ExitCode
from tests.shop import Shop
from tests.terminal import Terminal


@pytest.fixture
def terminal() -> Terminal:
    shop = Shop()
    shop.receive({"pencil": 10})
    shop.start({"pencil": 3})
    shop.run()
    return Terminal(shop=shop)


def test_it_says_what_it_has_read_and_made(terminal: Terminal) -> None:
    ended = terminal.run("read-model", "rebuild")

    assert ended.code == ExitCode.FINE
    assert "✓ the read model was built again: 1 row from 4 entries in " in ended.out
    assert terminal.run("verify").code == ExitCode.FINE


def test_a_program_is_told_in_one_line(terminal: Terminal) -> None:
    told = terminal.run("read-model", "rebuild", "--json")

    assert told.json == {"entries": 4, "rows": 1, "took_s": 0.0}
    assert told.err == ""


def test_a_person_at_a_terminal_sees_how_far_it_is(terminal: Terminal) -> None:
    terminal.is_terminal = True

    assert "4/4" in terminal.run("read-model", "rebuild").out


def test_ctrl_c_leaves_what_was_shown(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    before = terminal.shop.orders()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(OrdersRebuilder, "_build", interrupted)
    assert terminal.run("read-model", "rebuild").code == ExitCode.INTERRUPTED

    assert terminal.shop.orders() == before


def test_one_that_another_has_overtaken_says_so(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    editions = terminal.shop.container.read_model()
    monkeypatch.setattr(OrdersRebuilder, "_build", lambda *_: editions.begin())

    ended = terminal.run("read-model", "rebuild")

    assert ended.code == ExitCode.REFUSED
    assert ended.err.startswith("comptoir: another edition of the read model was begun since, by another ")
    assert ended.err.endswith(": this one ends\n")
