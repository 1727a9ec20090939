"""Notices to clients in a list."""

from application.ports.notifier import Notification, Notifier


class RecordingNotifier(Notifier):
    """`sent` holds what was told, oldest first."""

    def __init__(self) -> None:
        self.sent: list[Notification] = []
        self._failures_due = 0

    def fail_next(self, times: int) -> None:
        """Tell nobody the next `times` times, and raise `ConnectionError`."""
        self._failures_due = times

    def notify(self, notification: Notification) -> None:
        """Add it to `sent`.

        Raises:
            ConnectionError: as it was told to.
        """
        if self._failures_due:
            self._failures_due -= 1
            raise ConnectionError("the client cannot be reached")
        self.sent.append(notification)
