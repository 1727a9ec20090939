"""An inventory and an order service that were there before us, and that know nothing of sagas.

They take one line at a time and know no transactions. What was asked of them, and what they said, is for
the caller to remember.
"""

from typing import Protocol

import attrs

from application.ports.errors import PortError, Unavailable


@attrs.frozen(kw_only=True)
class Call:
    """Which call this is: `key` is the same whenever the same call is made again; the rest is for logs."""

    key: str
    checkout_id: str | None = None
    traceparent: str | None = None
    correlation_id: str | None = None


@attrs.frozen
class CallRefused(PortError):
    """The service said no, for good, and did nothing; `reason` in its own words. Do not ask again."""

    reason: str

    def __str__(self) -> str:
        return self.reason

    bare: str | None = "the service said no"


class NotCalled(Unavailable):
    """The call certainly had no effect: it did not reach the service, or the service said to come back.
    The same call may be made later."""


@attrs.frozen
class OutcomeUnknown(PortError):
    """The call may have had its effect and may not; `what` was heard last. Only where the service is
    `repeatable` may it be made again; anywhere else a person must look. `bare`: the same without what
    the service said."""

    what: str
    bare: str | None = None

    def __str__(self) -> str:
        return self.what


class ExistingService(Protocol):
    """What callers must know of either."""

    repeatable: bool
    """Whether the service does a call with a known key once, however often it is made."""

    longest_s: float
    """Seconds after which a call has ended, one way or another, its own retries included. What has not been
    heard of for longer died with its caller."""

    def ready(self) -> None:
        """Ask before a call is noted as intended, so that an outage does not fill the notes.

        Must not call the service.

        Raises:
            NotCalled: a call made now would not be sent (a circuit is open, say).
        """


class ExistingInventory(ExistingService, Protocol):
    """Units of products.

    Every other method raises:
        CallRefused, NotCalled, OutcomeUnknown: as they say.
    """

    def take(self, *, produit_id: str, units: int, call: Call) -> None:
        """Take `units` of the product out of the stock. Too few units, or no such product: `CallRefused`."""

    def give_back(self, *, produit_id: str, units: int, call: Call) -> None:
        """Put them back."""


class ExistingOrders(ExistingService, Protocol):
    """Sales, one product each.

    Every other method raises:
        CallRefused, NotCalled, OutcomeUnknown: as they say.
    """

    def enter(self, *, client_id: str, produit_id: str, units: int, call: Call) -> str:
        """Enter a sale; the service's id of it."""

    def cancel(self, *, vente_id: str, reason: str, call: Call) -> None:
        """Cancel a sale. One that is cancelled already must count as done, not as refused, so that this may
        be asked again whatever was heard of it before."""
