"""`comptoir verify` as a person and as a script meet it."""

from pathlib import Path

import pytest

from application.events.streams import CHECKOUTS
from entrypoints.exit_codes import ExitCode
from tests.shop import Shop
from tests.terminal import Terminal


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    shop = Shop()
    shop.receive({"pencil": 10})
    shop.start({"pencil": 3})
    shop.run()
    return Terminal(shop=shop, environment={"AUDIT_DIR": str(tmp_path / "none")}, columns=120)


def test_what_agrees_ends_with_0_and_says_where_no_trail_is(terminal: Terminal) -> None:
    ended = terminal.run("verify")

    assert ended.code == ExitCode.FINE
    assert "✓ everything agrees" in ended.out
    assert "no trail in" in ended.out
    told = terminal.run("verify", "--json").json
    assert (told["agrees"], told["audit_trail_here"], told["findings"]) == (True, False, [])


def test_what_does_not_agree_ends_with_1_and_is_shown(terminal: Terminal) -> None:
    log = terminal.shop.log.stream(CHECKOUTS)
    del log.groups["checkout-order"]

    ended = terminal.run("verify")

    assert ended.code == ExitCode.REFUSED
    assert "✗ 1 finding" in ended.out
    assert "there is no such group" in ended.out


def test_what_the_trail_has_and_the_stream_has_not_is_named_until_it_is_known(
    terminal: Terminal, tmp_path: Path
) -> None:
    (tmp_path / "none").mkdir()
    line = '{"position":"9999999999999-0","event_id":"e-1"}\n'
    (tmp_path / "none" / "audit-2026-11-22.ndjson").write_text(line)

    ended = terminal.run("verify")

    assert ended.code == ExitCode.REFUSED
    assert "1 audited position gone" in ended.out
    assert "yet to come by this clock" in ended.out
    told = terminal.run("verify", "--json", "--gone-until", "9999999999999-0").json
    assert told["gone"] == ["9999999999999-0"]


def test_a_position_that_is_none_is_refused(terminal: Terminal) -> None:
    assert "--gone-until" in terminal.run("verify", "--gone-until", "yesterday").err
