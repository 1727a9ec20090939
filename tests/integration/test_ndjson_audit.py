"""The audit trail in files: the contract, and what only files can go through."""

import contextlib
import fcntl
import json
import os
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters import directory_lock
from adapters.audit.files_seen import NothingToVerify
from adapters.audit.ndjson_file import NdjsonAuditLog
from adapters.audit.seal import Seal
from adapters.audit.verify import verify
from application.ports.audit_log import AuditLog
from application.ports.errors import Unavailable
from application.ports.event_store import StoredEntry
from tests.contracts.audit_log import FIRST, NOON_MS, SECOND, THIRD, AuditLogContract, Kept, entry

TODAY = "audit-2026-11-22.ndjson"
SEED = 20_261_122


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "audit"


@pytest.fixture
def audit_log(directory: Path) -> Iterator[NdjsonAuditLog]:
    audit_log = NdjsonAuditLog(directory)
    yield audit_log
    audit_log.close()


@pytest.fixture(autouse=True)
def every_trail_verifies_at_the_end(directory: Path) -> Iterator[None]:
    yield
    with contextlib.suppress(NothingToVerify):
        assert verify(directory, [Seal()]).findings == []


@pytest.fixture
def another(directory: Path) -> Iterator[NdjsonAuditLog]:
    """As another process, or a later life of the same one, sees the directory."""
    another = NdjsonAuditLog(directory)
    yield another
    another.close()


def lines_of(directory: Path) -> list[dict[str, Any]]:
    """Every line of every file, in the order of writing, parsed as strictly as JSON can be."""
    texts = [path.read_text() for path in sorted(directory.glob("*"))]
    return [json.loads(line, parse_constant=pytest.fail) for text in texts for line in text.splitlines()]


def positions_in(directory: Path) -> list[str]:
    return [line["position"] for line in lines_of(directory)]


class TestNdjsonAuditLog(AuditLogContract):
    @pytest.fixture
    def kept(self, directory: Path) -> Kept:
        return lambda: positions_in(directory)


def test_a_line_tells_all_there_is_about_an_entry(audit_log: AuditLog, directory: Path) -> None:
    audit_log.keep([FIRST])

    (line,) = lines_of(directory)
    assert len(line.pop("hash")) == 64
    assert line == {
        "position": f"{NOON_MS}-0",
        "chain": {"method": "sha256", "follows": None},
        "recorded_at": NOON_MS / 1000,
        "type": "StockReserved",
        "checkout_id": "c1",
        "event_id": "e1",
        "version": 2,
        "emitted_at": NOON_MS / 1000,
        "causation_id": "e0",
        "payload": {"checkout_id": "c1", "client_id": "client-1"},
        "number": 1,
    }


def test_a_malformed_entry_says_so_on_its_line(audit_log: AuditLog, directory: Path) -> None:
    audit_log.keep([entry(f"{NOON_MS}-0", payload="{brok\nen", malformed="payload is not JSON")])

    (line,) = lines_of(directory)
    assert (line["payload"], line["malformed"]) == ("{brok\nen", "payload is not JSON")


def test_a_decimal_is_written_to_the_digit(audit_log: AuditLog, directory: Path) -> None:
    audit_log.keep([entry(f"{NOON_MS}-0", payload={"total": Decimal("30.00")})])

    assert '"payload":{"total":30.00}' in (directory / TODAY).read_text()


def test_a_payload_that_no_json_can_hold_is_left_out_and_its_line_says_so(
    audit_log: AuditLog, directory: Path
) -> None:
    bottomless: list[object] = []
    bottomless.append(bottomless)
    audit_log.keep([entry(f"{NOON_MS}-0", payload=bottomless)])

    (line,) = lines_of(directory)
    assert line["payload"] is None
    assert "cannot be written" in line["malformed"]


def test_each_utc_day_of_the_record_has_its_file(audit_log: AuditLog, directory: Path) -> None:
    midnight_ms = NOON_MS + 12 * 3_600_000
    audit_log.keep([entry(f"{midnight_ms - 1}-0"), entry(f"{midnight_ms}-0")])

    assert {path.name: positions_in_file(path) for path in directory.iterdir()} == {
        TODAY: [f"{midnight_ms - 1}-0"],
        "audit-2026-11-23.ndjson": [f"{midnight_ms}-0"],
    }


def positions_in_file(path: Path) -> list[str]:
    return [json.loads(line)["position"] for line in path.read_text().splitlines()]


@pytest.mark.parametrize("position", ["0-1", "18446744073709551615-18446744073709551615"])
def test_an_entry_recorded_beyond_the_calendar_is_kept_once(
    audit_log: AuditLog, directory: Path, position: str
) -> None:
    audit_log.keep([entry(position)])
    audit_log.keep([entry(position)])

    assert positions_in(directory) == [position]


def test_only_the_owner_reads_the_trail(audit_log: AuditLog, directory: Path) -> None:
    audit_log.keep([FIRST])

    assert directory.stat().st_mode & 0o777 == 0o700
    assert (directory / TODAY).stat().st_mode & 0o777 == 0o600


def test_what_was_written_before_a_crash_and_not_acknowledged_is_not_written_again(
    audit_log: AuditLog, another: AuditLog, directory: Path
) -> None:
    audit_log.keep([FIRST, SECOND])
    another.keep([FIRST, SECOND, THIRD])

    assert positions_in(directory) == [FIRST.position, SECOND.position, THIRD.position]


def test_what_an_earlier_life_wrote_is_durable_before_it_counts_as_kept(
    directory: Path, another: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = NdjsonAuditLog(directory, fsync=False)
    earlier.keep([FIRST])
    earlier.close()
    synced: list[int] = []
    with monkeypatch.context() as watched:
        watched.setattr("os.fsync", lambda fd: synced.append(os.fstat(fd).st_ino))
        another.keep([FIRST])

    assert synced == [(directory / TODAY).stat().st_ino, directory.stat().st_ino]


@pytest.mark.parametrize("torn_bytes", [1, 40, 100_000])
def test_a_line_torn_by_a_crash_is_cut_off_and_its_entry_kept_whole(
    audit_log: AuditLog, another: AuditLog, directory: Path, torn_bytes: int
) -> None:
    audit_log.keep([FIRST])
    with (directory / TODAY).open("ab") as file:
        file.write((f'{{"position":"{SECOND.position}","payload":"'.encode() + b"x" * 100_000)[:torn_bytes])

    another.keep([SECOND])

    assert positions_in(directory) == [FIRST.position, SECOND.position]
    assert lines_of(directory)[1]["after_torn_bytes"] == torn_bytes


def test_a_write_that_is_cut_short_is_reported_and_made_good_by_the_next(
    audit_log: AuditLog, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    audit_log.keep([FIRST])
    with monkeypatch.context() as disk_full:
        disk_full.setattr("os.write", lambda fd, data: write(fd, data[: len(data) * 2 // 3]))
        with pytest.raises(Unavailable) as raised:
            audit_log.keep([SECOND, THIRD])

    audit_log.keep([SECOND, THIRD])

    assert isinstance(raised.value.__cause__, OSError)
    assert positions_in(directory) == [FIRST.position, SECOND.position, THIRD.position]


def test_a_directory_that_cannot_be_written_is_trouble_to_come_back_from(tmp_path: Path) -> None:
    in_the_way = tmp_path / "audit"
    in_the_way.touch()
    audit_log = NdjsonAuditLog(in_the_way)
    with pytest.raises(Unavailable) as raised:
        audit_log.keep([FIRST])

    in_the_way.unlink()
    audit_log.keep([FIRST])

    assert isinstance(raised.value.__cause__, OSError)
    assert positions_in(in_the_way) == [FIRST.position]
    audit_log.close()


def test_a_process_that_sits_on_the_directory_holds_the_others_up_for_a_bounded_time(
    audit_log: AuditLog, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory_lock, "LOCK_WAIT_S", 0.0)
    audit_log.keep([FIRST])
    stuck = os.open(directory, os.O_RDONLY)
    fcntl.flock(stuck, fcntl.LOCK_EX)
    with pytest.raises(Unavailable):
        audit_log.keep([SECOND])
    os.close(stuck)

    audit_log.keep([SECOND])

    assert positions_in(directory) == [FIRST.position, SECOND.position]


def test_several_that_share_the_directory_keep_each_entry_once(
    audit_log: AuditLog, another: AuditLog, directory: Path
) -> None:
    audit_log.keep([FIRST])
    another.keep([FIRST, SECOND])
    audit_log.keep([SECOND, THIRD])
    another.keep([THIRD])

    assert positions_in(directory) == [FIRST.position, SECOND.position, THIRD.position]


def test_several_that_write_at_the_same_time_keep_each_entry_once(directory: Path) -> None:
    entries = [entry(f"{NOON_MS + number}-0") for number in range(2_000)]

    def keep_all(batch_size: int) -> None:
        audit_log = NdjsonAuditLog(directory, fsync=False)
        for start in range(0, len(entries), batch_size):
            audit_log.keep(entries[start : start + batch_size])
        audit_log.close()

    with ThreadPoolExecutor() as processes:
        list(processes.map(keep_all, (7, 64, 100, 256)))

    assert sorted(positions_in(directory)) == [one.position for one in entries]


def test_a_long_history_that_comes_again_in_any_order_adds_nothing(
    audit_log: AuditLog, another: AuditLog, directory: Path
) -> None:
    """Long enough for the positions of most of it to be read back from the file."""
    chance = random.Random(SEED)
    long_text = "x" * 20_000
    entries = [entry(f"{NOON_MS + number // 3}-{number % 3}", payload=long_text) for number in range(600)]
    for shuffled in (chance.sample(entries, len(entries)) for _ in range(2)):
        for batch, log in ((shuffled[start : start + 50], start // 50 % 2) for start in range(0, 600, 50)):
            (audit_log, another)[log].keep(batch)

    again = NdjsonAuditLog(directory)
    again.keep(entries)
    again.close()

    assert sorted(positions_in(directory)) == [one.position for one in entries], SEED


def files_open() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())


def test_a_history_of_many_days_leaves_few_files_open(audit_log: AuditLog, directory: Path) -> None:
    def entry_of_day(day: int) -> StoredEntry:
        return entry(f"{NOON_MS + day * 86_400_000}-0")

    before = files_open()
    audit_log.keep([entry_of_day(day) for day in range(30)])
    audit_log.keep([entry_of_day(day) for day in range(30)])

    assert files_open() - before <= 4
    assert len(positions_in(directory)) == 30
