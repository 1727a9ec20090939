"""Whose turn it is with an open checkout, since when, why it is not done yet, and what a person can do."""

from collections.abc import Iterable, Sequence
from functools import cached_property

import attrs

from application.events.checkout_history import stages
from application.events.recorded_event import RecordedEvent
from application.events.streams import CHECKOUTS
from application.ports.dead_letters import DeadLetterReader
from application.ports.group_progress import GroupProgress
from application.ports.positions import parse
from application.questions.checkout_troubles import LOOK_AT_WORKERS, Woken
from application.questions.show_calls import CallView
from domain.calls.states import InDoubt, doubt_told
from domain.checkout.checkout import CHECKOUT, waits_for
from domain.checkout.evolving import OPERATOR
from domain.checkout.saga import STEPS, Step
from domain.checkout.states import Checkout, CompensationStuck

Waking = tuple[Step, RecordedEvent]
"""A step, and an event that wakes it."""


@attrs.frozen
class Next:
    """Whose turn it is with an open checkout (a worker's, or `operator`'s), to do what, since when (epoch
    seconds; whatever was tried meanwhile), why it is not done yet, and what a person can do about it."""

    worker: str
    does: str
    since_s: float
    why: str
    advice: str


def woken_by(history: Iterable[RecordedEvent], steps: Iterable[Step]) -> list[Waking]:
    """What of a history wakes which of `steps`, in its order."""
    among = tuple(steps)
    return [(step, event) for event in history for step in among if isinstance(event.event, step.on)]


@attrs.frozen
class TurnTeller:
    """For one answer: where the groups are is asked once. It holds no port that can write; every method
    raises `Unavailable` where these do."""

    progress: GroupProgress
    dead_letters: DeadLetterReader

    def deliveries(self, woken: Sequence[Waking]) -> list[Woken]:
        """What each step has made of the event that woke it."""
        if not woken:
            return []
        places = [(step.group, event.position) for step, event in woken]
        pending = self.progress.pending(CHECKOUTS, places)
        letters = self.dead_letters.of_deliveries(CHECKOUTS, places)
        positions = {position for _, position in places}
        failed = self.progress.failures(CHECKOUTS, positions) if any(pending) else []
        return [
            Woken(
                step=step,
                event=event,
                held=held,
                failed=[failure for failure in failed if (failure.group, failure.position) == place],
                letters=[kept for kept in letters if (kept.group, kept.position) == place],
            )
            for (step, event), place, held in zip(woken, places, pending, strict=True)
        ]

    def next(
        self, history: Sequence[RecordedEvent], calls: Iterable[CallView], deliveries: Iterable[Woken]
    ) -> Next | None:
        """Whose turn it is with the checkout of this history, these calls, and these deliveries of what woke
        that step, oldest first; None where it has ended."""
        checkout, worker, since_s = _since_when(history)
        if worker is None:
            return None
        if doubtful := [call for call in calls if isinstance(call.call.standing, InDoubt)]:
            return _settling(doubtful)
        if isinstance(checkout, CompensationStuck):
            stopped = f"giving back has failed for good: {checkout.stuck_because}"
            retry = f"comptoir checkout retry {history[0].entity} --reason WHY"
            advice = f"mend the cause, then: {retry}; or see comptoir checkout force-compensation and resolve"
            return Next(OPERATOR, "have it given back", since_s, stopped, advice)
        turn = [delivery for delivery in deliveries if delivery.step.worker == worker][::-1]
        told = next((told for delivery in turn if (told := delivery.why_not_done())), None)
        why, advice = told or self._unseen(history[0].entity, worker, turn)
        return Next(worker, STEPS[worker].does, since_s, why, advice)

    def _unseen(self, checkout_id: str, worker: str, turn: Sequence[Woken]) -> tuple[str, str]:
        """Where nobody holds what the step is to do."""
        cursor = self._cursors.get(STEPS[worker].group, (0, 0))
        if turn and cursor < parse(turn[0].event.position):
            return f"{worker} has not come to it yet", LOOK_AT_WORKERS
        retry = f"comptoir checkout retry {checkout_id} --reason WHY"
        return f"{worker} was handed it and has not answered", f"have it tried again: {retry}"

    @cached_property
    def _cursors(self) -> dict[str, tuple[int, int]]:
        """Group -> how far it was handed the stream."""
        return {place.group: parse(place.cursor) for place in self.progress.places(CHECKOUTS)}


def _since_when(history: Iterable[RecordedEvent]) -> tuple[Checkout, str | None, float]:
    """How a checkout stands, whose turn it is (None after the end), and when it first was that one's."""
    checkout = CHECKOUT.initial
    first_s: dict[str | None, float] = {None: 0.0}
    for recorded, checkout in stages(history):
        first_s.setdefault(waits_for(checkout), recorded.recorded_at_s)
    worker = waits_for(checkout)
    return checkout, worker, first_s[worker]


def _settling(doubtful: Sequence[CallView]) -> Next:
    told = [(view.call.wanted.name, view.call.standing) for view in doubtful]
    return Next(
        OPERATOR,
        "say what became of a call",
        min(view.since_s for view in doubtful),
        "; ".join(doubt_told(name, doubt.reason) for name, doubt in told if isinstance(doubt, InDoubt)),
        f"look in the service, then: comptoir calls show {doubtful[0].id}",
    )
