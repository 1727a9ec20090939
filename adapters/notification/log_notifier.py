"""Notices to clients, as log lines: for a service that has nobody to send them yet."""

import structlog

from application.ports.notifier import Notification, Notifier


class LogNotifier(Notifier):
    """One line a notice, at level `info`: at a higher LOG_LEVEL nobody is told.

    To be made after logging is configured.
    """

    def __init__(self) -> None:
        self._log = structlog.get_logger().bind()  # once, which halves the cost of a line

    def notify(self, notification: Notification) -> None:
        """Write the line.

        Raises:
            OSError: the log cannot be written.
        """
        self._log.info(
            "client notified",
            checkout_id=notification.checkout_id,
            client_id=notification.client_id,
            commande_id=notification.commande_id,
            outcome="succeeded" if notification.succeeded else "failed",
            reason=notification.reason,
            key=notification.key,
            **notification.origin.log_fields,
        )
