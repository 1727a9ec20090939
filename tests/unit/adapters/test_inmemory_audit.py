"""The audit trail in memory keeps the contract."""

import pytest

from adapters.inmemory.audit_log import InMemoryAuditLog
from tests.contracts.audit_log import AuditLogContract, Kept


class TestInMemoryAuditLog(AuditLogContract):
    @pytest.fixture
    def audit_log(self) -> InMemoryAuditLog:
        return InMemoryAuditLog()

    @pytest.fixture
    def kept(self, audit_log: InMemoryAuditLog) -> Kept:
        return lambda: [entry.position for entry in audit_log.entries]
