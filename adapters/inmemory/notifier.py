"""Notices to clients in a list."""

from collections.abc import Sequence

from application.ports.notifier import Notification, Notifier, NotTold, Untold


class RecordingNotifier(Notifier):
    """`sent` holds what was told, in that order."""

    def __init__(self) -> None:
        self.sent: list[Notification] = []
        self._failures: list[Exception] = []

    def fail_next(self, times: int, error: Exception | None = None) -> None:
        """Do not tell the next `times` notices, because of `error`."""
        self._failures = [error or NotTold("the client cannot be reached")] * times

    def notify(self, notifications: Sequence[Notification]) -> Untold:
        """Add them to `sent`, but for those that fail as it was told to."""
        failing, self._failures = self._failures[: len(notifications)], self._failures[len(notifications) :]
        self.sent += notifications[len(failing) :]
        return {notice.key: error for notice, error in zip(notifications, failing, strict=False)}
