"""Files of the audit trail that are put away: what they hold is never written a second time."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from adapters.audit.ndjson_file import NdjsonAuditLog
from adapters.audit.put_away import SUFFIX, put_away
from adapters.audit.seal import KeyNeeded, Seal, read_seals
from adapters.audit.verify import verify
from application.ports.event_store import StoredEntry
from tests.contracts.audit_log import NOON_MS, entry

DAY_MS = 86_400_000
FIRST_FILE = "audit-2026-11-22.ndjson"
NEXT_FILE, LAST_FILE = "audit-2026-11-23.ndjson", "audit-2026-11-24.ndjson"
HISTORY = [entry(f"{NOON_MS + day * DAY_MS + ms}-{n}") for day in range(3) for ms in (0, 7) for n in range(4)]
NEVER_KEPT = entry(f"{NOON_MS + 7}-9")
KEY = "not-a-secret-not-a-secret-not-a-secret"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "audit"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    (tmp_path / "elsewhere").mkdir()
    return tmp_path / "elsewhere"


def keep(directory: Path, entries: Sequence[StoredEntry], key_file: Path | None = None) -> None:
    """As a process that starts, keeps these and ends."""
    audit_log = NdjsonAuditLog(directory, key_file=key_file, fsync=False)
    audit_log.keep(entries)
    audit_log.close()


def lines(*places: Path) -> list[str]:
    """The positions in all files, sorted."""
    texts = [path.read_text() for place in places for path in place.glob("*.ndjson")]
    return sorted(line.split('"')[3] for text in texts for line in text.splitlines())


ALL = sorted(kept.position for kept in HISTORY)


@pytest.mark.parametrize("lives_on", [True, False], ids=["the same process", "a later one"])
def test_history_that_comes_again_is_not_written_again(
    directory: Path, elsewhere: Path, lives_on: bool
) -> None:
    audit_log = NdjsonAuditLog(directory, fsync=False)
    audit_log.keep(HISTORY)

    assert put_away(directory, elsewhere, Seal(), before_day="2026-11-24") == [FIRST_FILE, NEXT_FILE]
    if lives_on:
        audit_log.keep(HISTORY)
    else:
        keep(directory, HISTORY)
    audit_log.close()

    assert lines(directory, elsewhere) == ALL
    assert verify(directory, [Seal()], start=LAST_FILE).intact
    for path in elsewhere.iterdir():
        path.rename(directory / path.name)
    assert verify(directory, [Seal()]).intact


def test_what_none_of_them_holds_is_written_however_late(directory: Path, elsewhere: Path) -> None:
    keep(directory, HISTORY)
    put_away(directory, elsewhere, Seal(), before_day="2026-11-24")

    for _ in range(2):
        keep(directory, [NEVER_KEPT, *HISTORY])

    assert lines(directory, elsewhere) == sorted([*ALL, NEVER_KEPT.position])


def test_the_newest_file_and_later_days_stay(directory: Path, elsewhere: Path) -> None:
    keep(directory, HISTORY)

    assert put_away(directory, elsewhere, Seal(), before_day="2026-11-23") == [FIRST_FILE]
    assert put_away(directory, elsewhere, Seal(), before_day="2999-01-01") == [NEXT_FILE]
    assert put_away(directory, elsewhere, Seal(), before_day="2999-01-01") == []
    keep(directory, HISTORY)
    assert lines(directory, elsewhere) == ALL


def test_nothing_is_overwritten(directory: Path, elsewhere: Path) -> None:
    keep(directory, HISTORY)
    (elsewhere / NEXT_FILE).write_text("another instance's\n")

    with pytest.raises(FileExistsError, match=f"{NEXT_FILE} is there already"):
        put_away(directory, elsewhere, Seal(), before_day="2026-11-24")

    assert (elsewhere / NEXT_FILE).read_text() == "another instance's\n"
    assert (directory / NEXT_FILE).exists()


@pytest.mark.parametrize("spoilt", [b"", b"x", b"\xff" * 16 + b"0" * 64], ids=["empty", "short", "forged"])
def test_positions_that_do_not_bear_their_hash_are_not_believed_and_nothing_is_lost(
    directory: Path, elsewhere: Path, spoilt: bytes
) -> None:
    keep(directory, HISTORY)
    put_away(directory, elsewhere, Seal(), before_day="2026-11-23")
    (directory / f"{FIRST_FILE}{SUFFIX}").write_bytes(spoilt)

    keep(directory, [NEVER_KEPT, *HISTORY])

    assert set(lines(directory)) == {*ALL, NEVER_KEPT.position}


def test_without_the_key_nobody_can_have_an_entry_left_out(
    directory: Path, elsewhere: Path, tmp_path: Path
) -> None:
    key_file = tmp_path / "key"
    key_file.write_text(KEY)
    keep(directory, HISTORY, key_file)
    with pytest.raises(KeyNeeded):
        put_away(directory, elsewhere, Seal(), before_day="2026-11-23")
    seal, *_ = read_seals(key_file)
    put_away(directory, elsewhere, seal, before_day="2026-11-23")
    key_file.write_text(f"{KEY[::-1]}\n{KEY}\n")

    keep(directory, HISTORY, key_file)
    assert lines(directory, elsewhere) == ALL

    packed = (directory / f"{FIRST_FILE}{SUFFIX}").read_bytes()[:-64]
    forged = packed + Seal().hash_of(FIRST_FILE.encode(), packed)
    (directory / f"{FIRST_FILE}{SUFFIX}").write_bytes(forged)
    keep(directory, HISTORY, key_file)
    assert lines(directory) == ALL


def test_of_a_file_moved_by_hand_nothing_is_known_and_it_is_written_again(
    directory: Path, elsewhere: Path
) -> None:
    keep(directory, HISTORY)
    (directory / FIRST_FILE).rename(elsewhere / FIRST_FILE)

    keep(directory, HISTORY)

    assert lines(directory) == ALL
