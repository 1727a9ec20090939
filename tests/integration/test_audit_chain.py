"""How the trail is written so that it can be verified: numbers, hashes, files that name the file before."""

import hashlib
import hmac
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.audit.ndjson_file import NdjsonAuditLog
from adapters.audit.seal import Seal, read_seals
from adapters.audit.verify import verify
from application.ports.errors import Unavailable
from application.ports.event_store import StoredEntry
from tests.contracts.audit_log import FIRST, NOON_MS, SECOND, THIRD, entry

DAY_MS = 86_400_000
TODAY, TODAY_2ND, TOMORROW = (
    "audit-2026-11-22.ndjson",
    "audit-2026-11-22_0002.ndjson",
    "audit-2026-11-23.ndjson",
)
KEY = "not-a-secret-not-a-secret-not-a-secret"
OTHER_KEY = "another-not-a-secret-another-not-a-secret"


def after_days(days: int, number: int = 0) -> StoredEntry:
    """An entry recorded `days` after noon."""
    return entry(f"{NOON_MS + days * DAY_MS}-{number}")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "audit"


@pytest.fixture
def audit_log(directory: Path) -> Iterator[NdjsonAuditLog]:
    audit_log = NdjsonAuditLog(directory)
    yield audit_log
    audit_log.close()


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text(f"{KEY}\n")
    return path


def keep(directory: Path, *entries: StoredEntry, **options: Any) -> None:
    """Keep the entries in a life of its own."""
    audit_log = NdjsonAuditLog(directory, **options)
    audit_log.keep(entries)
    audit_log.close()


def lines_in(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def positions_by_file(directory: Path) -> dict[str, list[str]]:
    return {path.name: [line["position"] for line in lines_in(path)] for path in sorted(directory.iterdir())}


def numbers_in(directory: Path) -> list[int]:
    return [line["number"] for path in sorted(directory.iterdir()) for line in lines_in(path)]


def findings_in(directory: Path, *seals: Seal) -> list[str]:
    return [f"{f.file}:{f.line} {f.kind}" for f in verify(directory, seals or [Seal()]).findings]


def test_a_hash_is_over_the_hash_before_and_the_very_bytes_of_the_line(
    audit_log: NdjsonAuditLog, directory: Path
) -> None:
    audit_log.keep([FIRST, SECOND])

    before = b"0" * 64
    for line in (directory / TODAY).read_bytes().splitlines():
        content, _, seal = line.rpartition(b',"hash":"')
        before = hashlib.sha256(before + content).hexdigest().encode()
        assert seal == before + b'"}'


def test_with_a_key_the_hash_is_an_hmac(directory: Path, key_file: Path) -> None:
    keep(directory, FIRST, key_file=key_file)

    content, _, seal = (directory / TODAY).read_bytes().rpartition(b',"hash":"')
    assert seal == hmac.digest(KEY.encode(), b"0" * 64 + content, "sha256").hex().encode() + b'"}\n'
    assert KEY.encode() not in content


def test_the_first_line_of_a_file_names_the_file_before_with_its_last_hash_and_its_bounds(
    audit_log: NdjsonAuditLog, directory: Path
) -> None:
    audit_log.keep([FIRST, THIRD, SECOND, after_days(1)])

    (first,) = lines_in(directory / TOMORROW)
    assert first["number"] == 4
    assert first["chain"]["follows"] == {
        "file": TODAY,
        "hash": lines_in(directory / TODAY)[-1]["hash"],
        "bounds": [FIRST.position, THIRD.position],
    }


def test_the_chain_goes_on_after_days_without_entries(directory: Path) -> None:
    keep(directory, FIRST)
    keep(directory, after_days(40))

    assert numbers_in(directory) == [1, 2]
    assert findings_in(directory) == []


def test_an_entry_that_comes_late_stands_where_it_was_written(
    audit_log: NdjsonAuditLog, directory: Path
) -> None:
    audit_log.keep([FIRST, after_days(1)])
    audit_log.keep([SECOND])
    audit_log.keep([SECOND, FIRST])

    assert positions_by_file(directory) == {
        TODAY: [FIRST.position],
        TOMORROW: [after_days(1).position, SECOND.position],
    }
    assert findings_in(directory) == []


def test_a_file_that_would_grow_too_long_is_followed_by_another_of_the_day(directory: Path) -> None:
    entries = [entry(f"{NOON_MS}-{number}") for number in range(40)]
    audit_log = NdjsonAuditLog(directory, file_max_bytes=4_096)
    for start in range(0, 40, 7):
        audit_log.keep(entries[start : start + 7])
        audit_log.keep(entries[: start + 7])
    audit_log.close()

    files = sorted(directory.iterdir())
    assert len(files) > 3
    assert max(path.stat().st_size for path in files) <= 4_096
    assert [path.name for path in files[:2]] == [TODAY, TODAY_2ND]
    assert numbers_in(directory) == list(range(1, 41))
    assert findings_in(directory) == []


def test_an_entry_longer_than_a_file_may_be_has_a_file_of_its_own(directory: Path) -> None:
    long = entry(f"{NOON_MS}-1", payload="x" * 5_000)
    keep(directory, FIRST, long, THIRD, file_max_bytes=4_096)

    assert list(map(len, positions_by_file(directory).values())) == [1, 1, 1]
    assert findings_in(directory) == []


def test_every_history_that_comes_again_adds_nothing_in_whichever_file_it_is(directory: Path) -> None:
    chance = random.Random(20_261_122)
    entries = [after_days(day, number) for day in range(12) for number in range(30)]
    for shuffled in (entries, chance.sample(entries, 360), entries[::-1]):
        audit_log = NdjsonAuditLog(directory, file_max_bytes=8_192, fsync=False)
        for start in range(0, 360, 50):
            audit_log.keep(shuffled[start : start + 50])
        audit_log.close()

    assert len(list(directory.iterdir())) > 12
    assert numbers_in(directory) == list(range(1, 361))
    assert findings_in(directory) == []


def test_a_loss_of_power_leaves_no_file_that_follows_what_is_not_durable(
    audit_log: NdjsonAuditLog, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    with monkeypatch.context() as watched:
        watched.setattr("os.fsync", lambda fd: synced.append(os.fstat(fd).st_ino))
        audit_log.keep([FIRST, after_days(1)])

    inodes = [path.stat().st_ino for path in (directory / TODAY, directory, directory / TOMORROW, directory)]
    assert synced == inodes


def test_lines_that_vanish_while_the_worker_lives_are_missed_by_their_numbers(
    audit_log: NdjsonAuditLog, directory: Path
) -> None:
    audit_log.keep([FIRST, SECOND])
    os.truncate(directory / TODAY, 0)
    audit_log.keep([FIRST])

    assert positions_by_file(directory) == {TODAY: [FIRST.position]}
    assert numbers_in(directory) == [3]
    assert findings_in(directory) == [f"{TODAY}:1 missing"]


def test_an_end_cut_off_while_the_worker_lives_is_not_taken_for_the_end(
    audit_log: NdjsonAuditLog, directory: Path
) -> None:
    audit_log.keep([FIRST, SECOND, THIRD])
    first_line = (directory / TODAY).read_bytes().splitlines(keepends=True)[0]
    (directory / TODAY).write_bytes(first_line)
    audit_log.keep([after_days(0, 3)])

    assert positions_by_file(directory)[TODAY] == [FIRST.position]
    assert numbers_in(directory) == [1, 4]
    assert findings_in(directory) == [f"{TODAY_2ND}:1 missing"]


def test_the_newest_file_moved_away_while_the_worker_lives_is_followed_by_the_next(
    audit_log: NdjsonAuditLog, directory: Path, tmp_path: Path
) -> None:
    audit_log.keep([FIRST])
    (directory / TODAY).rename(tmp_path / TODAY)
    audit_log.keep([SECOND])
    assert findings_in(directory) == [f"{TODAY_2ND}:1 missing file"]

    (tmp_path / TODAY).rename(directory / TODAY)
    audit_log.keep([FIRST, THIRD])

    assert positions_by_file(directory) == {
        TODAY: [FIRST.position],
        TODAY_2ND: [SECOND.position, THIRD.position],
    }
    assert findings_in(directory) == []


def test_old_files_moved_away_leave_a_chain_that_goes_on(directory: Path, tmp_path: Path) -> None:
    keep(directory, FIRST, after_days(1), after_days(2))
    (directory / TODAY).rename(tmp_path / TODAY)
    keep(directory, after_days(3), after_days(1))

    assert verify(directory, [Seal()], start=TOMORROW).intact
    assert numbers_in(directory) == [2, 3, 4]


def test_a_last_line_that_was_spoilt_is_left_as_it_is_and_followed_by_a_new_file(directory: Path) -> None:
    keep(directory, FIRST, SECOND)
    text = (directory / TODAY).read_bytes()
    (directory / TODAY).write_bytes(text[:-3] + b"~~\n")
    keep(directory, THIRD)

    assert (directory / TODAY).read_bytes() == text[:-3] + b"~~\n"
    assert findings_in(directory) == [f"{TODAY}:2 inserted"]


def test_files_of_the_time_before_lines_were_sealed_are_left_alone_and_known(directory: Path) -> None:
    directory.mkdir()
    unsealed = f'{{"position":"{FIRST.position}","type":"StockReserved"}}\n'
    (directory / TODAY).write_text(unsealed)
    keep(directory, FIRST, SECOND)
    keep(directory, FIRST, SECOND, THIRD)

    verified = verify(directory, [Seal()])
    assert (directory / TODAY).read_text() == unsealed
    assert [line["position"] for line in lines_in(directory / TODAY_2ND)] == [
        SECOND.position,
        THIRD.position,
    ]
    assert (verified.intact, verified.unsealed_files, verified.files, verified.lines) == (True, 1, 1, 2)


def test_a_key_that_comes_later_begins_a_new_file(directory: Path, key_file: Path) -> None:
    keep(directory, FIRST)
    keep(directory, SECOND, key_file=key_file)
    keep(directory, THIRD, key_file=key_file)

    assert list(map(len, positions_by_file(directory).values())) == [1, 2]
    assert findings_in(directory, *read_seals(key_file)) == []


def test_a_key_may_be_replaced_and_the_old_one_verifies_the_old_lines(
    directory: Path, key_file: Path
) -> None:
    keep(directory, FIRST, key_file=key_file)
    key_file.write_text(f"{OTHER_KEY}\n{KEY}\n")
    keep(directory, SECOND, THIRD, key_file=key_file)

    assert findings_in(directory, *read_seals(key_file)) == []
    assert findings_in(directory, Seal.keyed(OTHER_KEY.encode()))[0] == f"{TODAY}:1 wrong seal"


def test_a_trail_sealed_with_a_key_is_not_gone_on_with_without_one(directory: Path, key_file: Path) -> None:
    keep(directory, FIRST, key_file=key_file)

    with pytest.raises(Unavailable, match=r"sealed with hmac-sha256:[0-9a-f]{16}, and no key is given"):
        keep(directory, SECOND)


@pytest.mark.parametrize("content", ["", "\n\n", "too-short\n", f"{KEY}\ntoo-short\n"])
def test_a_key_that_cannot_be_used_is_trouble_to_come_back_from_and_is_not_told(
    directory: Path, key_file: Path, content: str
) -> None:
    key_file.write_text(content)
    audit_log = NdjsonAuditLog(directory, key_file=key_file)
    with pytest.raises(Unavailable, match="at least 32 characters") as raised:
        audit_log.keep([FIRST])

    key_file.write_text(KEY)
    audit_log.keep([FIRST])
    audit_log.close()

    assert "too-short" not in str(raised.value)
    assert KEY not in repr(read_seals(key_file))
    assert findings_in(directory, *read_seals(key_file)) == []


def test_a_key_file_that_is_missing_is_trouble_to_come_back_from(directory: Path, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="No such file"):
        keep(directory, FIRST, key_file=tmp_path / "nowhere")
