"""Step: keep the audit trail."""

from collections.abc import Sequence

from application.ports.audit_log import AuditLog
from application.ports.delivery import Delivery
from application.worker.handler import Failures


class KeepAudit:
    """Keeps every entry as it lies on the stream, whoever wrote it and whether or not it makes sense."""

    types: frozenset[str] | None = None

    def __init__(self, audit_log: AuditLog) -> None:
        self._audit_log = audit_log

    def handle(self, deliveries: Sequence[Delivery]) -> Failures:
        self._audit_log.keep([delivery.look() for delivery in deliveries])
        return {}

    def tick(self) -> None:
        """Time alone is not audited."""

    def give_up(self, delivery: Delivery, reason: str) -> None:
        """Nobody needs to be told beyond the dead letter."""
