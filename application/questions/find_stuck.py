"""Question: which checkouts wait, on which step, since when, and why? Reads, never writes."""

from collections.abc import Iterable, Sequence

import attrs

from application.events.checkout_history import checkout_after, stages
from application.events.recorded_event import RecordedEvent
from application.events.streams import CALLS, CHECKOUTS
from application.ports.clock import Clock
from application.ports.cursors import cursor_of, row_of
from application.ports.dead_letters import DeadLetterReader, KeptDelivery, Wanted
from application.ports.event_bus import EventBus, PendingDelivery, Subscription
from application.ports.event_store import EventReader
from application.ports.open_checkouts import OpenCheckouts
from application.questions.replay_checkout import CheckoutView, view_of
from domain.calls.events import CallEvent
from domain.calls.ledger import CALLS as CALL_LEDGER
from domain.calls.states import InDoubt, doubt_told
from domain.checkout.checkout import CHECKOUT, waits_for
from domain.checkout.evolving import OPERATOR
from domain.checkout.saga import STEPS
from domain.checkout.states import Checkout, CompensationStuck, NotStarted

LOOKED_AT_MAX = 1_000  # pending deliveries of a group, and dead letters, that an answer looks through


@attrs.frozen(kw_only=True)
class StuckCheckout:
    """An open checkout: the step it waits on (a worker, or `operator`), and why as far as it is known.

    `since_s` is when it first waited on that, whatever was tried since; `opened_s` when it began; epoch
    seconds.
    """

    view: CheckoutView
    waits_for: str
    since_s: float
    opened_s: float
    last_fact: str
    why: str


@attrs.frozen
class StuckFinder:
    """Begins at the register of open checkouts; what has ended by now is left out."""

    store: EventReader
    open_checkouts: OpenCheckouts
    dead_letters: DeadLetterReader
    bus: EventBus
    clock: Clock

    def older_than(
        self, age_s: float, *, count: int, after: str | None = None
    ) -> tuple[list[StuckCheckout], str | None]:
        """At most `count` open checkouts that began at least `age_s` ago and follow the cursor `after`,
        oldest first, and the cursor for more. A page may hold fewer although there is a cursor.

        Raises:
            InvalidPosition: `after` is no cursor.
            Unavailable: ask again later.
        """
        noted = self.open_checkouts.oldest(
            count=count + 1,
            before_s=self.clock.now_s() - age_s,
            after=row_of(after) if after is not None else None,
        )
        more = cursor_of(noted[count - 1]) if len(noted) > count else None
        ids = [id_ for id_, _ in noted[:count]]
        histories = self.store.read(CHECKOUTS, ids) if ids else []
        reasons = _Reasons(self.bus, self.dead_letters)
        found = [stuck for history in histories if (stuck := _stuck(history, reasons))]
        return self._with_doubts(found), more

    def _with_doubts(self, found: list[StuckCheckout]) -> list[StuckCheckout]:
        """Who waits for a call in doubt waits for a person, whichever step that keeps."""
        ids = [stuck.view.checkout_id for stuck in found]
        doubts = [_doubts(notes) for notes in self.store.read(CALLS, ids)] if ids else []
        return [
            attrs.evolve(stuck, waits_for=OPERATOR, why=f"{why}: see comptoir calls") if why else stuck
            for stuck, why in zip(found, doubts, strict=True)
        ]

    def oldest_per_step(self, *, count: int) -> dict[str, float]:
        """Step -> age in seconds of its oldest open checkout, among the `count` oldest of all.

        Raises:
            Unavailable: ask again later.
        """
        now_s = self.clock.now_s()
        noted = self.open_checkouts.oldest(count=count)
        ages: dict[str, float] = {}
        histories = self.store.read(CHECKOUTS, [id_ for id_, _ in noted]) if noted else []
        for history in histories:
            worker = waits_for(checkout_after(history))
            if worker is not None:
                ages[worker] = max(ages.get(worker, 0.0), now_s - history[0].recorded_at_s)
        return ages


class _Reasons:
    """What is known of why a step has not answered; each group is asked once."""

    def __init__(self, bus: EventBus, dead_letters: DeadLetterReader) -> None:
        self._bus = bus
        letters, _ = dead_letters.page(CHECKOUTS, Wanted(), count=LOOKED_AT_MAX)
        self._dead = {(kept.group, kept.position): kept for kept in letters}
        self._pending: dict[str, dict[str, PendingDelivery]] = {}
        self._lags: dict[str, int] = {}

    def of(self, worker: str, history: Iterable[RecordedEvent]) -> str:
        step = STEPS[worker]
        waking = [recorded for recorded in history if isinstance(recorded.event, step.on)]
        for recorded in reversed(waking):
            dead = self._dead.get((step.group, recorded.position))
            if dead is not None:
                return _dead(dead)
            pending = self._of_group(step.group).get(recorded.position)
            if pending is not None:
                return (
                    f"{recorded.type} is with {pending.consumer}, attempt {pending.attempt},"
                    f" for {pending.idle_ms / 1000:.1f} s"
                )
        behind = self._behind(step.group)
        if behind:
            return f"{worker} has not come to it yet (events to go: {behind:,}): does it run?"
        return f"{worker} was handed it and has not answered: have it tried again (retry)"

    def _behind(self, group: str) -> int:
        if group not in self._lags:
            self._lags[group] = self._bus.backlog(_reader_of(group)).lag_events
        return self._lags[group]

    def _of_group(self, group: str) -> dict[str, PendingDelivery]:
        if group not in self._pending:
            found = self._bus.pending(_reader_of(group), count=LOOKED_AT_MAX)
            self._pending[group] = {pending.position: pending for pending in found}
        return self._pending[group]


def _reader_of(group: str) -> Subscription:
    return Subscription(stream=CHECKOUTS, group=group, consumer="")


def _dead(kept: KeptDelivery) -> str:
    return f"{kept.type} was set aside after {kept.attempts} attempts: {kept.reason} (dead letter {kept.id})"


def since_when(history: Sequence[RecordedEvent]) -> tuple[Checkout, str | None, float]:
    """How a checkout stands, whose turn it is (a worker's or `operator`'s; None after the end), and since
    when, whatever was tried meanwhile: epoch seconds."""
    checkout = CHECKOUT.initial
    first_s: dict[str | None, float] = {None: 0.0}
    for recorded, checkout in stages(history):
        first_s.setdefault(waits_for(checkout), recorded.recorded_at_s)
    worker = waits_for(checkout)
    return checkout, worker, first_s[worker]


def _stuck(history: list[RecordedEvent], reasons: _Reasons) -> StuckCheckout | None:
    checkout, worker, since_s = since_when(history)
    if worker is None or isinstance(checkout, NotStarted):
        return None
    return StuckCheckout(
        view=view_of(checkout),
        waits_for=worker,
        since_s=since_s,
        opened_s=history[0].recorded_at_s,
        last_fact=history[-1].type,
        why=given_up(checkout) or reasons.of(worker, history),
    )


def given_up(checkout: Checkout) -> str | None:
    """Why a compensation has stopped for good; None where it has not."""
    if not isinstance(checkout, CompensationStuck):
        return None
    return f"giving back has failed for good: {checkout.stuck_because}"


def _doubts(notes: Iterable[RecordedEvent]) -> str:
    """The calls in doubt, in a sentence; empty where there are none."""
    ledger = CALL_LEDGER.fold(event for note in notes if isinstance(event := note.event, CallEvent))
    told = [(call.wanted.name, call.standing) for call in ledger.in_doubt()]
    return "; ".join(doubt_told(name, doubt.reason) for name, doubt in told if isinstance(doubt, InDoubt))
