"""The audit trail in a list."""

from collections.abc import Sequence

from application.ports.audit_log import AuditLog
from application.ports.event_store import StoredEntry
from application.ports.positions import parse


class InMemoryAuditLog(AuditLog):
    """Lasts as long as its process."""

    def __init__(self) -> None:
        self._entries: dict[tuple[int, int], StoredEntry] = {}

    @property
    def entries(self) -> list[StoredEntry]:
        """What is kept, in the order it was added."""
        return list(self._entries.values())

    def keep(self, entries: Sequence[StoredEntry]) -> None:
        """Add what is new."""
        for entry in entries:
            self._entries.setdefault(parse(entry.position), entry)
