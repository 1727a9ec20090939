"""`comptoir keys`: what is shown, once, and what is kept."""

from pathlib import Path

import pytest

from adapters.api_keys.key_file import KeyFile
from adapters.api_keys.key_ring import KeyRefused, KeyRing
from adapters.api_keys.written import read_text
from entrypoints.exit_codes import ExitCode
from tests.terminal import Terminal


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "keys")


@pytest.fixture
def terminal(file: KeyFile) -> Terminal:
    return Terminal(environment={"API_KEYS_FILE": str(file.path)})


def test_a_key_that_was_made_opens_what_it_says(terminal: Terminal, file: KeyFile) -> None:
    made = terminal.run(
        "keys", "create", "desk", "--scope", "read", "--scope", "operate", "--note", "Ada's", "--json"
    ).json

    [kept] = file.read()
    assert KeyRing([kept]).holder(made["key"]) == kept
    assert (kept.id, kept.scopes, kept.note) == ("desk", frozenset({"read", "operate"}), "Ada's")
    assert {name: made[name] for name in ("id", "scopes", "note")} == {
        "id": "desk",
        "scopes": ["read", "operate"],
        "note": "Ada's",
    }


@pytest.mark.parametrize("columns", [20, 80])
def test_the_key_is_shown_whole_and_once_and_kept_nowhere(
    terminal: Terminal, file: KeyFile, columns: int
) -> None:
    terminal.columns = columns
    shown = terminal.run("keys", "create", "--scope", "checkout:write").out

    [secret] = [line.strip() for line in shown.splitlines() if line.startswith("cpt_")]
    [key] = file.read()
    assert KeyRing([key]).holder(secret) == key
    everything = terminal.run("keys", "list").out + terminal.run("keys", "list", "--json").out
    assert secret.rpartition("_")[2] not in everything + file.path.read_text()


def test_a_key_for_the_environment_touches_no_file(file: KeyFile) -> None:
    terminal = Terminal()
    made = terminal.run("keys", "create", "shop", "--scope", "read", "--print-hash", "--json").json
    shown = terminal.run("keys", "create", "shop", "--scope", "read", "--print-hash").out

    assert KeyRing(read_text(made["api_keys"])).holder(made["key"]).id == "shop"
    assert "shop:read:" in shown
    assert not file.path.exists()


def test_a_revoked_key_opens_nothing_and_says_so_in_the_list(terminal: Terminal, file: KeyFile) -> None:
    secret = terminal.run("keys", "create", "desk", "--scope", "read", "--json").json["key"]

    first, again = terminal.run("keys", "revoke", "desk"), terminal.run("keys", "revoke", "desk", "--json")

    assert (first.code, first.out) == (0, "✓ revoked desk\n")
    assert again.json["changed"] is False
    with pytest.raises(KeyRefused, match="revoked"):
        KeyRing(file.read()).holder(secret)
    assert "revoked" in terminal.run("keys", "list").out


def test_a_key_may_expire(terminal: Terminal, file: KeyFile) -> None:
    terminal.run("keys", "create", "desk", "--scope", "read", "--expires", "90d")

    [key] = file.read()
    assert key.expires_at_s is not None
    assert key.created_at_s is not None
    assert key.expires_at_s - key.created_at_s == pytest.approx(90 * 86_400, abs=1.0)
    assert "until" in terminal.run("keys", "list").out


@pytest.mark.parametrize(
    ("tokens", "code", "told"),
    [
        (("create",), ExitCode.USAGE, "--scope"),
        (("create", "--scope", "write"), ExitCode.USAGE, "checkout:write"),
        (("create", "Desk", "--scope", "read"), ExitCode.REFUSED, "ID must be 1 to 32"),
        (("create", "desk", "--scope", "read"), ExitCode.REFUSED, "there is or was a key desk"),
        (("create", "--scope", "read", "--expires", "soon"), ExitCode.REFUSED, "--expires must be a number"),
        (("create", "--scope", "read", "--expires", "0s"), ExitCode.REFUSED, "--expires must be more than"),
        (("create", "--scope", "read", "--expires", "999999d"), ExitCode.REFUSED, "at most 100 years"),
        (("create", "--scope", "read", "--note", "a\nb"), ExitCode.REFUSED, "--note must be"),
        (("create", "--scope", "read", "--note", "a", "--print-hash"), ExitCode.REFUSED, "has no room"),
        (("revoke", "nobody"), ExitCode.NOT_FOUND, "there is no key nobody"),
    ],
)
def test_what_is_refused_is_told_in_one_line(
    terminal: Terminal, file: KeyFile, tokens: tuple[str, ...], code: ExitCode, told: str
) -> None:
    terminal.run("keys", "create", "desk", "--scope", "read")

    ended = terminal.run("keys", *tokens)

    assert (ended.code, ended.err.count("\n")) == (code, 1)
    assert told in ended.err
    assert [key.id for key in file.read()] == ["desk"]


@pytest.mark.parametrize("command", [("create", "--scope", "read"), ("list",), ("revoke", "desk")])
@pytest.mark.parametrize("where", ["", "nowhere/keys", "."])
def test_a_file_that_is_not_there_or_none_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], where: str
) -> None:
    monkeypatch.chdir(tmp_path)

    ended = Terminal(environment={"API_KEYS_FILE": where}).run("keys", *command)

    assert (ended.code, ended.err.count("\n")) == (ExitCode.USAGE, 1)
    assert "API_KEYS_FILE" in ended.err


def test_an_empty_list_says_how_to_make_a_key(terminal: Terminal, file: KeyFile) -> None:
    file.path.touch(0o600)

    assert "comptoir keys create" in terminal.run("keys", "list").out
    assert terminal.run("keys", "list", "--json").json == {"keys": []}
