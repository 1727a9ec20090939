"""Question: what happened to a checkout, step by step, and where does it stand? Reads, never writes."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, assert_never

import attrs

from application.events.checkout_history import stages
from application.events.recorded_event import RecordedEvent
from application.events.streams import CHECKOUTS
from application.ports.event_store import EventReader
from application.ports.positions import PART_MAX, parse
from domain.checkout.states import (
    Compensating,
    CompensationStuck,
    Failed,
    Failing,
    Initiated,
    NotStarted,
    Open,
    Ordered,
    StockHeld,
    Succeeded,
)

Status = Literal["initiated", "succeeded", "failed"]
CheckoutStep = Literal[
    "initiated",
    "stock_reserved",
    "order_created",
    "compensating",
    "compensation_failed",
    "succeeded",
    "failed",
]


@attrs.frozen(kw_only=True)
class CheckoutView:
    """Where a checkout stands. `status` is what a shopper cares for, `step` how far the saga has come."""

    checkout_id: str
    client_id: str
    status: Status
    step: CheckoutStep
    commande_id: str | None
    reason: str | None
    stock_reserved: bool
    stock_released: bool


@attrs.frozen(kw_only=True)
class ReplayedEvent:
    """An event of the checkout and how the checkout stood after it."""

    recorded: RecordedEvent
    after: CheckoutView


@attrs.frozen(kw_only=True)
class Replay:
    """A checkout at a moment: its view, its version then, and the events up to it."""

    view: CheckoutView
    version: int
    events: tuple[ReplayedEvent, ...]

    @property
    def has_ended(self) -> bool:
        """Whether nothing more can become of it."""
        return self.view.status != "initiated"


@attrs.frozen
class CheckoutReplayer:
    """Folds a checkout's events into its state again. It holds no port that can write."""

    store: EventReader

    def replay(self, checkout_id: str, *, as_of: str | None = None) -> Replay | None:
        """The checkout as of a position or an epoch time in seconds (both as text); None where it had
        not begun.

        Raises:
            InvalidPosition: `as_of` is neither.
            Unavailable: ask again later.
        """
        (history,) = self.store.read(CHECKOUTS, [checkout_id])
        if as_of is not None:
            limit = moment(as_of)
            history = [recorded for recorded in history if parse(recorded.position) <= limit]
        events = tuple(_replayed(history))
        if not events:
            return None
        return Replay(view=events[-1].after, version=len(history), events=events)


_LAST = PART_MAX + 1  # more than any position's number within its millisecond
_epoch_seconds = re.compile(r"[0-9]{1,11}(\.[0-9]{1,9})?").fullmatch


def moment(as_of: str) -> tuple[int, int]:
    """The last place meant by `as_of`: a position (`1690000000000-0`) or epoch seconds (`1690000000.5`).

    Raises:
        InvalidPosition: neither.
    """
    if _epoch_seconds(as_of):
        return int(Decimal(as_of) * 1000), _LAST
    return parse(as_of)


def _replayed(history: Sequence[RecordedEvent]) -> list[ReplayedEvent]:
    return [
        ReplayedEvent(recorded=recorded, after=view_of(checkout))
        for recorded, checkout in stages(history)
        if not isinstance(checkout, NotStarted)
    ]


def view_of(checkout: Open | Failing | Succeeded | Failed) -> CheckoutView:
    """What the states say, as one flat answer."""
    status: Status = "initiated"
    step: CheckoutStep
    commande_id, failure, reserved, released = None, None, True, False
    match checkout:
        case Initiated():
            step, reserved = "initiated", False
        case StockHeld():
            step = "stock_reserved"
        case Ordered():
            step, commande_id = "order_created", checkout.commande_id
        case Succeeded():
            status, step, commande_id = "succeeded", "succeeded", checkout.commande_id
        case Compensating():
            step, failure = "compensating", checkout.failure
        case CompensationStuck():
            step, failure = "compensation_failed", checkout.failure
        case Failed():
            status, step, failure = "failed", "failed", checkout.failure
        case _:
            assert_never(checkout)
    if isinstance(checkout, Compensating | CompensationStuck | Failed):
        reserved, released = checkout.stock_reserved, checkout.stock_released
    return CheckoutView(
        checkout_id=checkout.checkout_id,
        client_id=checkout.client_id,
        status=status,
        step=step,
        commande_id=commande_id,
        reason=failure.reason if failure else None,
        stock_reserved=reserved,
        stock_released=released,
    )
