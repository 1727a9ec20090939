"""The life of a checkout, one class a state.

NotStarted -> Initiated -> StockHeld -> (Ordered) -> Succeeded
                   \\___________\\__________\\-> Compensating -> Failed
                                                 |    ^
                                             CompensationFailed
"""

import attrs

from domain.cart import Cart
from domain.inventory.reservation import Shortage


@attrs.frozen
class NotStarted:
    """No fact about it yet."""


@attrs.frozen(kw_only=True)
class _Started:
    checkout_id: str
    client_id: str
    cart: Cart


@attrs.frozen(kw_only=True)
class Deadline:
    """An operator's word on the deadline: epoch seconds, or None for none at all."""

    expires_at_s: float | None

    def is_after(self, now_s: float) -> bool:
        """Whether there is time left at `now_s`."""
        return self.expires_at_s is None or self.expires_at_s > now_s


@attrs.frozen(kw_only=True)
class _Open(_Started):
    """`deadline` is None while nobody has said anything about the usual one."""

    deadline: Deadline | None = None


@attrs.frozen(kw_only=True)
class Initiated(_Open):
    """Waits for its stock."""


@attrs.frozen(kw_only=True)
class StockHeld(_Open):
    """Waits for its order."""


@attrs.frozen(kw_only=True)
class Ordered(_Open):
    """Its order exists; only the end fact is missing (another program may write the two apart)."""

    commande_id: str


@attrs.frozen(kw_only=True)
class Failure:
    """Why a checkout fails: the worker whose step failed or who stopped it, and what was said."""

    source: str
    reason: str
    shortages: tuple[Shortage, ...] = ()


@attrs.frozen(kw_only=True)
class _Failing(_Started):
    failure: Failure
    stock_reserved: bool
    stock_released: bool = False


@attrs.frozen(kw_only=True)
class Compensating(_Failing):
    """Waits for whatever was taken to be given back."""


@attrs.frozen(kw_only=True)
class CompensationStuck(_Failing):
    """Giving back has failed for good (`stuck_because`): waits for an operator."""

    stuck_because: str


@attrs.frozen(kw_only=True)
class Succeeded(_Started):
    """Ended with an order."""

    commande_id: str


@attrs.frozen(kw_only=True)
class Failed(_Failing):
    """Ended without one."""


Open = Initiated | StockHeld | Ordered
Failing = Compensating | CompensationStuck
Checkout = NotStarted | Open | Failing | Succeeded | Failed
