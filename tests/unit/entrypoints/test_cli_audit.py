"""`comptoir audit`: the verdict, the exit code, what is told and what is not."""

from pathlib import Path

import pytest

from adapters.audit.ndjson_file import NdjsonAuditLog
from entrypoints.exit_codes import ExitCode
from tests.contracts.audit_log import NOON_MS, entry
from tests.terminal import Terminal

FILE, NEXT_FILE = "audit-2026-11-22.ndjson", "audit-2026-11-23.ndjson"
SECRET = "not-a-secret-not-a-secret-not-a-secret"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "audit"


@pytest.fixture
def terminal(directory: Path) -> Terminal:
    write(directory)
    return Terminal(environment={"AUDIT_DIR": str(directory)}, columns=100)


def write(directory: Path, key_file: Path | None = None) -> None:
    """Three lines of one day and one of the next."""
    audit_log = NdjsonAuditLog(directory, key_file=key_file, fsync=False)
    audit_log.keep([entry(f"{NOON_MS}-{number}") for number in range(3)])
    audit_log.keep([entry(f"{NOON_MS + 86_400_000}-0")])
    audit_log.close()


def tamper(directory: Path) -> None:
    path = directory / FILE
    path.write_text(path.read_text().replace('"event_id":"e1"', '"event_id":"e2"', 1))


def test_an_intact_trail_ends_with_0_and_says_what_was_checked(terminal: Terminal) -> None:
    ended = terminal.run("audit", "verify")

    assert ended.code == 0
    assert "✓ the audit trail is intact" in ended.out
    assert f"number 1 at {NOON_MS}-0, {FILE}:1" in ended.out
    assert f"number 4 at {NOON_MS + 86_400_000}-0, {NEXT_FILE}:1" in ended.out
    assert "whoever can write the files can make them fit" in ended.out


def test_a_broken_trail_ends_with_1_and_says_where_and_what(terminal: Terminal, directory: Path) -> None:
    tamper(directory)

    ended = terminal.run("audit", "verify")

    assert ended.code == 1
    assert "✗ the audit trail is broken: 1 finding" in ended.out
    assert f"{FILE} 1 changed: the line was changed" in " ".join(ended.out.split())


def test_files_of_earlier_days_are_moved_and_what_is_left_verifies(
    terminal: Terminal, directory: Path, tmp_path: Path
) -> None:
    (tmp_path / "old").mkdir()
    to = str(tmp_path / "old")

    moved = terminal.run("audit", "archive", to, "--before", "2026-11-23")
    write(directory)

    assert moved.out.startswith("✓ 1 file moved to ")
    assert f"comptoir audit verify --from {NEXT_FILE}" in moved.out
    assert [path.name for path in (tmp_path / "old").iterdir()] == [FILE]
    assert terminal.run("audit", "verify", "--from", NEXT_FILE).code == 0
    none = terminal.run("audit", "archive", to, "--before", "2026-11-24", "--json")
    assert none.json == {"moved": [], "first": NEXT_FILE}
    assert terminal.run("audit", "archive", to, "--before", "2999-01-01").out.startswith(
        "no closed file is that old"
    )


def test_a_day_and_a_directory_are_needed_to_move_files(terminal: Terminal, tmp_path: Path) -> None:
    no_day = terminal.run("audit", "archive", str(tmp_path), "--before", "yesterday")
    nowhere = terminal.run("audit", "archive", str(tmp_path / "nowhere"), "--before", "2026-11-23")

    assert (no_day.code, no_day.err) == (
        ExitCode.REFUSED,
        "comptoir: --before must be a UTC day: 2026-11-01\n",
    )
    assert (nowhere.code, nowhere.err) == (ExitCode.USAGE, f"comptoir: {tmp_path}/nowhere is no directory\n")


def test_programs_get_the_findings_as_json(terminal: Terminal, directory: Path) -> None:
    tamper(directory)

    ended = terminal.run("audit", "verify", "--json")

    assert ended.code == 1
    assert ended.json["intact"] is False
    assert (ended.json["files"], ended.json["lines"], ended.json["findings_more"]) == (2, 4, 0)
    assert ended.json["findings"] == [
        {
            "file": FILE,
            "line": 1,
            "kind": "changed",
            "what": "the line was changed, or its number or hash",
        }
    ]


def test_the_head_that_was_noted_is_found_again(terminal: Terminal) -> None:
    head = terminal.run("audit", "head", "--json").json

    verified = terminal.run("audit", "verify", "--json", "--expect-head", head["hash"].upper())

    assert verified.code == 0
    assert verified.json["noted"] == verified.json["last"] == head
    assert head["hash"] in terminal.run("audit", "head").out


def test_a_trail_whose_end_was_cut_off_has_no_such_head(terminal: Terminal, directory: Path) -> None:
    head = terminal.run("audit", "head", "--json").json["hash"]
    (directory / NEXT_FILE).unlink()

    assert terminal.run("audit", "verify").code == 0
    ended = terminal.run("audit", "verify", "--expect-head", head)

    assert ended.code == 1
    assert "wrong head" in ended.out


def test_where_old_files_were_moved_away_it_starts_at_the_file_that_is_named(
    terminal: Terminal, directory: Path
) -> None:
    (directory / FILE).unlink()

    assert terminal.run("audit", "verify").code == 1
    assert terminal.run("audit", "verify", str(directory), "--from", NEXT_FILE).code == 0
    assert terminal.run("audit", "verify", "--from", FILE).code == ExitCode.NOT_FOUND


@pytest.mark.parametrize("command", ["verify", "head"])
def test_where_there_is_no_trail_it_is_said(terminal: Terminal, tmp_path: Path, command: str) -> None:
    ended = terminal.run("audit", command, str(tmp_path / "nowhere"))

    assert ended.code == ExitCode.NOT_FOUND
    assert ended.err == f"comptoir: there is no audit trail in {tmp_path}/nowhere\n"


@pytest.mark.parametrize("hash_", ["abc", "x" * 64])
def test_what_cannot_be_a_hash_is_refused(terminal: Terminal, hash_: str) -> None:
    ended = terminal.run("audit", "verify", "--expect-head", hash_)

    assert ended.err == "comptoir: --expect-head must be 64 hexadecimal digits\n"


def test_a_trail_sealed_with_a_key_asks_for_the_key_and_never_shows_it(tmp_path: Path) -> None:
    directory, key_file = tmp_path / "sealed", tmp_path / "key"
    key_file.write_text(SECRET)
    write(directory, key_file)

    without = Terminal().run("audit", "verify", str(directory))
    with_it = Terminal(environment={"AUDIT_KEY_FILE": str(key_file)}).run("audit", "verify", str(directory))

    assert without.code == ExitCode.USAGE
    assert "AUDIT_KEY_FILE" in without.err
    assert with_it.code == 0
    assert "hmac-sha256:" in with_it.out
    assert SECRET not in without.err + with_it.out


def test_a_key_that_cannot_be_used_is_a_setting_that_is_wrong(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hunter2")
    environment = {**terminal.environment, "AUDIT_KEY_FILE": str(tmp_path / "key")}

    ended = Terminal(environment=environment).run("audit", "verify")

    assert ended.code == ExitCode.USAGE
    assert ended.err.startswith("comptoir: AUDIT_KEY_FILE ")
    assert "hunter2" not in ended.err
