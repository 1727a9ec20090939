"""Notices to clients, as log lines: for a service that has nobody to send them yet."""

from collections.abc import Sequence

import structlog

from application.ports.notifier import Notification, Notifier, Untold


class LogNotifier(Notifier):
    """One line a notice, at level `info`: at a higher LOG_LEVEL nobody is told. It names the checkout and not
    the client nor why it failed, which somebody may have put into words: a log holds nothing personal.

    To be made after logging is configured.
    """

    def __init__(self) -> None:
        self._log = structlog.get_logger().bind()  # once, which halves the cost of a line

    def notify(self, notifications: Sequence[Notification]) -> Untold:
        """Write the lines; untold are those for which the log could not be written."""
        untold: dict[str, Exception] = {}
        for notification in notifications:
            try:
                self._write(notification)
            except OSError as error:
                untold[notification.key] = error
        return untold

    def _write(self, notification: Notification) -> None:
        self._log.info(
            "client notified",
            checkout_id=notification.checkout_id,
            commande_id=notification.commande_id,
            outcome="succeeded" if notification.succeeded else "failed",
            key=notification.key,
            **notification.origin.log_fields,
        )
