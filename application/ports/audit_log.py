"""The audit trail: every entry of the stream, once."""

from collections.abc import Sequence
from typing import Protocol

from application.ports.event_store import StoredEntry


class AuditLog(Protocol):
    """An append-only record outside the store."""

    def keep(self, entries: Sequence[StoredEntry]) -> None:
        """Add those entries that are not kept yet, in order, and make them durable before returning.

        Raises:
            Unavailable: some may be kept. Keep them again.
        """
