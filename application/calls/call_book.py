"""What a process must remember of its calls to existing services, and how patient it is with them."""

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Final
from uuid import uuid4

import attrs

from application.calls.doubt_register import DoubtRegister
from application.events.origin import NO_ORIGIN, Origin
from application.events.recorded_event import RecordedEvent
from application.events.streams import CALLS
from application.ports.clock import Clock
from application.ports.event_store import EventStore
from application.ports.open_checkouts import OpenCheckouts
from application.requests.intervene import CheckoutDesk
from domain.calls.events import CallOutcome
from domain.checkout.commands import WAKER, RetryStep
from domain.errors import CheckoutEnded, UnknownCheckout

ABANDONED_MAX: Final = 10_000


@attrs.frozen(kw_only=True)
class Caller:
    """The checkout that calls are made for: the id of its first event, from which they take their keys, and
    who began it all."""

    checkout_id: str
    start_id: str
    origin: Origin = NO_ORIGIN


@attrs.define
class CallBook:
    """Where calls are noted. `margin_s`: how much longer than its longest time a call may have been under way
    before its caller counts as dead; a call that could not be begun for so long is not begun any more.

    What became of a call and could not be noted, because the store was away, is kept in memory until it is,
    and so are the intents of which it is not known whether they were noted.
    """

    store: EventStore
    doubts: OpenCheckouts
    clock: Clock
    margin_s: float = 5.0
    new_id: Callable[[], str] = lambda: uuid4().hex
    _unnoted: dict[tuple[str, str, int], tuple[Caller, CallOutcome]] = attrs.Factory(dict)
    _abandoned: dict[str, None] = attrs.Factory(dict)
    _lock: threading.Lock = attrs.Factory(threading.Lock)
    register: DoubtRegister = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.register = DoubtRegister(self.store, self.doubts)

    def read(self, checkout_ids: Sequence[str]) -> list[list[RecordedEvent]]:
        """What was noted of the calls of each."""
        return self.store.read(CALLS, checkout_ids) if checkout_ids else []

    def remember(self, caller: Caller, outcome: CallOutcome) -> None:
        """Until it is noted."""
        with self._lock:
            self._unnoted[caller.checkout_id, outcome.call, outcome.attempt] = caller, outcome

    def forget(self, outcome: CallOutcome) -> None:
        """It is noted."""
        with self._lock:
            self._unnoted.pop((outcome.checkout_id, outcome.call, outcome.attempt), None)

    def abandon(self, intent_id: str) -> None:
        """The call is not made, though its intent may have been noted."""
        with self._lock:
            self._abandoned[intent_id] = None
            while len(self._abandoned) > ABANDONED_MAX:
                del self._abandoned[next(iter(self._abandoned))]

    def is_abandoned(self, intent_id: str) -> bool:
        """Whether that intent is one of ours, of which nothing came."""
        return intent_id in self._abandoned

    def unnoted(self, checkout_id: str) -> list[CallOutcome]:
        """What this process knows of the checkout's calls, and nobody else does."""
        return [outcome for caller, outcome in self._all_unnoted() if caller.checkout_id == checkout_id]

    def callers_unnoted(self) -> Iterable[Caller]:
        """The checkouts with such calls."""
        return {caller.checkout_id: caller for caller, _ in self._all_unnoted()}.values()

    def _all_unnoted(self) -> list[tuple[Caller, CallOutcome]]:
        if not self._unnoted:
            return []
        with self._lock:
            return list(self._unnoted.values())

    def register_doubt(self, checkout_id: str, since_s: float) -> None:
        """Before it is noted and whenever it is met again, so that none is missing where people look."""
        self.doubts.opened({checkout_id: since_s})

    def wake(self, checkout_id: str, reason: str) -> None:
        """Have the step that the checkout waits on tried again; one that has ended waits for nothing."""
        try:
            CheckoutDesk(self.store).intervene(checkout_id, RetryStep(actor=WAKER, reason=reason))
        except (CheckoutEnded, UnknownCheckout):
            return
