"""The contract of Notifier, on the adapters that need no network."""

from collections.abc import Iterator, Sequence

import attrs
import pytest
import structlog

from adapters.inmemory.notifier import RecordingNotifier
from adapters.notification.log_notifier import LogNotifier
from adapters.notification.webhook_notifier import WebhookNotifier
from application.ports.notifier import Notifier
from tests.contracts.notifier import Clients, NotifierContract
from tests.contracts.receiver import FakeReceiver


class RecordingClients(RecordingNotifier, Clients):
    def told(self) -> Sequence[str]:
        return [notice.key for notice in self.sent]

    def reject_next(self, times: int) -> None:
        self.fail_next(times)


class TestRecordingNotifier(NotifierContract):
    @pytest.fixture
    def clients(self) -> RecordingClients:
        return RecordingClients()

    @pytest.fixture
    def notifier(self, clients: RecordingClients) -> Notifier:
        return clients


@attrs.define
class Lines(Clients):
    """A log that is full at times."""

    lines: list[str] = attrs.Factory(list)
    full: int = 0

    def told(self) -> Sequence[str]:
        return self.lines

    def reject_next(self, times: int) -> None:
        self.full = times

    def msg(self, **said: str) -> None:
        if self.full:
            self.full -= 1
            raise OSError("no space left on device")
        self.lines.append(said["key"])

    info = msg


class TestLogNotifier(NotifierContract):
    @pytest.fixture
    def clients(self) -> Lines:
        return Lines()

    @pytest.fixture
    def notifier(self, clients: Lines, monkeypatch: pytest.MonkeyPatch) -> Notifier:
        monkeypatch.setattr(structlog, "get_logger", lambda: structlog.wrap_logger(clients, processors=[]))
        return LogNotifier()


class TestWebhookNotifier(NotifierContract):
    @pytest.fixture
    def clients(self) -> Iterator[FakeReceiver]:
        receiver = FakeReceiver()
        yield receiver
        receiver.close()

    @pytest.fixture
    def notifier(self, clients: FakeReceiver) -> WebhookNotifier:
        return clients.notifier()
