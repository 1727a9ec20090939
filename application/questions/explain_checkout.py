"""Question: why does a checkout stand as it does, what is next, and what can be done? Reads, never writes."""

from collections.abc import Sequence

import attrs

from application.events.recorded_event import RecordedEvent
from application.events.streams import CALLS, CHECKOUTS
from application.ports.dead_letters import DeadLetterReader
from application.ports.event_store import EventReader
from application.ports.group_progress import GroupProgress
from application.ports.positions import parse
from application.questions.checkout_troubles import LOOK_AT_WORKERS, Trouble, Woken
from application.questions.find_stuck import given_up, since_when
from application.questions.replay_checkout import CheckoutReplayer, Replay, moment
from application.questions.show_calls import CallView, views_of
from domain.calls.states import InDoubt, doubt_told
from domain.checkout.evolving import OPERATOR
from domain.checkout.saga import SAGA, STEPS


@attrs.frozen
class Next:
    """Whose turn it is with an open checkout (a worker's, or `operator`'s), to do what, since when (epoch
    seconds), why it is not done yet, and what a person can do about it."""

    worker: str
    does: str
    since_s: float
    why: str
    advice: str


@attrs.frozen(kw_only=True)
class Explanation:
    """What is next and the troubles are as of now, and left out where an earlier moment was asked for."""

    replay: Replay
    calls: Sequence[CallView]
    troubles: Sequence[Trouble] = ()
    next: Next | None = None


@attrs.frozen
class CheckoutExplainer:
    """It holds no port that can write."""

    replayer: CheckoutReplayer
    store: EventReader
    progress: GroupProgress
    dead_letters: DeadLetterReader

    def explain(self, checkout_id: str, *, as_of: str | None = None) -> Explanation | None:
        """The checkout as `CheckoutReplayer.replay` has it, and all that is known around it.

        Raises:
            InvalidPosition: `as_of` is neither a position nor a time.
            Unavailable: ask again later.
        """
        replay = self.replayer.replay(checkout_id, as_of=as_of)
        if replay is None:
            return None
        history = [event.recorded for event in replay.events]
        (notes,) = self.store.read(CALLS, [checkout_id])
        if as_of is not None:
            until = moment(as_of)
            notes = [note for note in notes if parse(note.position) <= until]
        calls = views_of(notes, history)
        if as_of is not None:
            return Explanation(replay=replay, calls=calls)
        is_open = not replay.has_ended
        deliveries = self._deliveries(history, is_open=is_open)
        return Explanation(
            replay=replay,
            calls=calls,
            troubles=[trouble for delivery in deliveries for trouble in delivery.troubles()],
            next=self._next(history, calls, deliveries) if is_open else None,
        )

    def _deliveries(self, history: Sequence[RecordedEvent], *, is_open: bool) -> list[Woken]:
        """What its events woke; nothing where it has ended and all of it was handled."""
        woken = [(step, event) for event in history for step in SAGA if isinstance(event.event, step.on)]
        places = [(step.group, event.position) for step, event in woken]
        pending = self.progress.pending(CHECKOUTS, places)
        letters = self.dead_letters.of_deliveries(CHECKOUTS, places)
        if not (is_open or letters or any(pending)):
            return []
        failed = self.progress.failures(CHECKOUTS, {e.position for e in history}) if any(pending) else []
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

    def _next(
        self, history: Sequence[RecordedEvent], calls: Sequence[CallView], deliveries: Sequence[Woken]
    ) -> Next | None:
        checkout, worker, since_s = since_when(history)
        if worker is None:
            return None
        if doubtful := [call for call in calls if isinstance(call.call.standing, InDoubt)]:
            return _settling(doubtful)
        if stopped := given_up(checkout):
            retry = f"comptoir checkout retry {history[0].entity} --reason WHY"
            advice = f"mend the cause, then: {retry}; or see comptoir checkout force-compensation and resolve"
            return Next(OPERATOR, "have it given back", since_s, stopped, advice)
        turn = [delivery for delivery in reversed(deliveries) if delivery.step.worker == worker]
        told = next((told for delivery in turn if (told := delivery.why_not_done())), None)
        why, advice = told or self._unseen(history[0].entity, worker, turn)
        return Next(worker, STEPS[worker].does, since_s, why, advice)

    def _unseen(self, checkout_id: str, worker: str, turn: Sequence[Woken]) -> tuple[str, str]:
        """Where nobody holds what the step is to do."""
        cursors = {place.group: parse(place.cursor) for place in self.progress.places(CHECKOUTS)}
        cursor = cursors.get(STEPS[worker].group, (0, 0))
        if turn and cursor < parse(turn[0].event.position):
            return f"{worker} has not come to it yet", LOOK_AT_WORKERS
        retry = f"comptoir checkout retry {checkout_id} --reason WHY"
        return f"{worker} was handed it and has not answered", f"have it tried again: {retry}"


def _settling(doubtful: Sequence[CallView]) -> Next:
    told = [(view.call.wanted.name, view.call.standing) for view in doubtful]
    return Next(
        OPERATOR,
        "say what became of a call",
        min(view.since_s for view in doubtful),
        "; ".join(doubt_told(name, doubt.reason) for name, doubt in told if isinstance(doubt, InDoubt)),
        f"look in the service, then: comptoir calls show {doubtful[0].id}",
    )
