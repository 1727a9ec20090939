"""What every AuditLog does."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from application.ports.audit_log import AuditLog
from application.ports.event_store import StoredEntry
from application.ports.positions import recorded_at_s

NOON_MS = 1_795_348_800_000  # 2026-11-22T12:00:00Z

Kept = Callable[[], list[str]]


def entry(
    position: str, *, type: str | None = "StockReserved", payload: object = None, malformed: str | None = None
) -> StoredEntry:
    """An entry recorded at `position`."""
    return StoredEntry(
        position=position,
        recorded_at_s=recorded_at_s(position),
        type=type,
        payload={"checkout_id": "c1", "client_id": "client-1"} if payload is None else payload,
        emitted_at_s=recorded_at_s(position),
        checkout_id="c1",
        event_id="e1",
        version=2,
        causation_id="e0",
        malformed=malformed,
    )


FIRST, SECOND, THIRD = (entry(f"{NOON_MS}-{number}") for number in range(3))


class AuditLogContract:
    """A subclass provides `audit_log`, and `kept`: the positions in it, in the order they were added."""

    def test_entries_are_kept_in_the_order_they_come(self, audit_log: AuditLog, kept: Kept) -> None:
        audit_log.keep([FIRST, SECOND])
        audit_log.keep([THIRD])

        assert kept() == [FIRST.position, SECOND.position, THIRD.position]

    def test_nothing_to_keep_is_nothing(self, audit_log: AuditLog, kept: Kept) -> None:
        audit_log.keep([])

        assert kept() == []

    def test_a_batch_that_comes_again_is_kept_once(self, audit_log: AuditLog, kept: Kept) -> None:
        audit_log.keep([FIRST, SECOND])
        audit_log.keep([FIRST, SECOND])

        assert kept() == [FIRST.position, SECOND.position]

    def test_of_a_batch_that_comes_in_part_again_the_rest_is_added(
        self, audit_log: AuditLog, kept: Kept
    ) -> None:
        audit_log.keep([FIRST, SECOND])
        audit_log.keep([SECOND, THIRD])

        assert kept() == [FIRST.position, SECOND.position, THIRD.position]

    def test_an_entry_twice_in_one_batch_is_kept_once(self, audit_log: AuditLog, kept: Kept) -> None:
        audit_log.keep([FIRST, FIRST])

        assert kept() == [FIRST.position]

    def test_an_entry_that_comes_after_its_successors_is_kept(self, audit_log: AuditLog, kept: Kept) -> None:
        audit_log.keep([FIRST, THIRD])
        audit_log.keep([SECOND])
        audit_log.keep([SECOND])

        assert kept() == [FIRST.position, THIRD.position, SECOND.position]

    def test_a_history_of_many_days_that_comes_again_from_the_beginning_adds_nothing(
        self, audit_log: AuditLog, kept: Kept
    ) -> None:
        history = [entry(f"{NOON_MS + number * 43_200_000}-0") for number in range(20)]
        audit_log.keep(history)
        for start in range(0, 20, 3):
            audit_log.keep(history[start : start + 3])

        assert kept() == [one.position for one in history]

    def test_positions_are_numbers_not_text(self, audit_log: AuditLog, kept: Kept) -> None:
        tenth, ninth = entry(f"{NOON_MS}-10"), entry(f"{NOON_MS}-9")
        audit_log.keep([tenth])
        audit_log.keep([ninth, entry(f"{NOON_MS}-0"), entry(str(NOON_MS))])

        assert kept() == [tenth.position, ninth.position, f"{NOON_MS}-0"]

    @pytest.mark.parametrize(
        "payload",
        [
            "{broken",
            [1, 2],
            Decimal("10.00"),
            Decimal("NaN"),
            2**70,
            "\ud800",
            float("nan"),
            pytest.param(object(), id="object"),
            {1: 2},
        ],
        ids=ascii,
    )
    def test_an_entry_that_makes_no_sense_is_kept(
        self, audit_log: AuditLog, kept: Kept, payload: object
    ) -> None:
        audit_log.keep([entry(f"{NOON_MS}-0", type=None, payload=payload, malformed="payload is no object")])

        assert kept() == [f"{NOON_MS}-0"]
