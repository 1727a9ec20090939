"""Telling a client how a checkout ended."""

from typing import Protocol

import attrs

from application.origin import NO_ORIGIN, Origin


@attrs.frozen(kw_only=True)
class Notification:
    """`key` is the same whenever the same notice is sent again, for receivers that want to know.
    `client_id` is None where another program ended the checkout without naming it."""

    key: str
    client_id: str | None
    checkout_id: str
    succeeded: bool
    commande_id: str | None = None
    reason: str | None = None
    origin: Origin = NO_ORIGIN


class Notifier(Protocol):
    """Raises any exception to be asked again later."""

    def notify(self, notification: Notification) -> None:
        """Tell the client."""
