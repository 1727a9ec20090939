"""Telling clients how their checkouts ended."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import attrs

from application.events.origin import Origin
from application.events.recorded_event import RecordedEvent
from application.ports.errors import PortError
from domain.checkout.events import CheckoutFailed, CheckoutSucceeded


@attrs.frozen
class Notification:
    """The news of one end. `recorded` is the fact that ended the checkout: `CheckoutSucceeded` or
    `CheckoutFailed`."""

    recorded: RecordedEvent

    @property
    def key(self) -> str:
        """The same whenever the same notice is sent again, and no other notice's: event ids are unique
        within their checkout only, and another program may choose them."""
        return f"{self.recorded.position}:{self.checkout_id}"

    @property
    def checkout_id(self) -> str:
        return self.recorded.entity

    @property
    def client_id(self) -> str | None:
        """None where another program ended the checkout without naming its client."""
        return self._end.client_id

    @property
    def succeeded(self) -> bool:
        return isinstance(self._end, CheckoutSucceeded)

    @property
    def commande_id(self) -> str | None:
        """The order that the checkout ended in."""
        return self._end.commande_id if isinstance(self._end, CheckoutSucceeded) else None

    @property
    def reason(self) -> str | None:
        """Why it failed."""
        return self._end.reason if isinstance(self._end, CheckoutFailed) else None

    @property
    def origin(self) -> Origin:
        """What its checkout began with."""
        return self.recorded.origin

    @property
    def _end(self) -> CheckoutSucceeded | CheckoutFailed:
        event = self.recorded.event
        assert isinstance(event, CheckoutSucceeded | CheckoutFailed), self.recorded
        return event


@attrs.frozen
class NotTold(PortError):
    """This notice did not get through, or perhaps it did. It should be sent again, but not for ever."""

    reason: str
    bare: str | None = None

    def __str__(self) -> str:
        return self.reason


Untold = Mapping[str, Exception]
"""Key of a notice -> why it must be sent again, or cannot be sent."""


class Notifier(Protocol):
    """A notice cannot be taken back, and whether it arrived cannot always be known."""

    def notify(self, notifications: Sequence[Notification]) -> Untold:
        """Tell the clients, each by itself and in any order. Those not in the answer have been told.

        Of the others, a `RefusedForGood` must not be sent again. `Unavailable` says that nothing is wrong
        with this notice in particular, anything else that something may be.

        Raises:
            Unavailable: nobody can be told now. Ask again later for all of them.
        """
