"""What is noted of the calls that were made for one checkout, as one consumer has it in hand."""

from collections.abc import Iterable
from typing import Any, Final

from application.calls.call_book import CallBook, Caller
from application.events.event_ids import caused_by
from application.events.recorded_event import RecordedEvent
from application.events.streams import CALLS
from application.ports.errors import Unavailable
from application.ports.event_store import Appended, Conflict, NewEvent, Outcome, Write
from domain.calls import ledger as decider
from domain.calls.commands import CallCommand, Close, Intend, Report
from domain.calls.events import CallEvent, CallInDoubt, CallIntended, CallNotMade, CallOutcome, CallsClosed
from domain.calls.states import Call, CallLedger, InDoubt, UnderWay, WantedCall

ROUNDS_MAX: Final = 16  # of reading again while others write about the same checkout's calls
REASON_CHARS_MAX: Final = 500
NOT_BEGUN: Final = "the store was away when it was to begin"


class CallNotes:
    """Whoever holds them appends against the version that was read; what others append is read again."""

    def __init__(self, book: CallBook, caller: Caller, history: Iterable[RecordedEvent]) -> None:
        self._book, self._caller = book, caller
        self._fold(history)
        for outcome in book.unnoted(caller.checkout_id):
            self.note(outcome)
        for call in list(self.ledger.calls.values()):
            if isinstance(call.standing, UnderWay) and book.is_abandoned(self._intent_ids[call.wanted.name]):
                self.note(CallNotMade(**self._which(call), reason=NOT_BEGUN))

    def intended_s(self, call: str) -> float:
        """When its last attempt was noted, or a moment before; epoch seconds."""
        return self._intended_s[call]

    def close(self) -> None:
        """Take and enter nothing more."""
        for _ in range(ROUNDS_MAX):
            if not isinstance(self._tell(Close(self._caller.checkout_id), "closed"), Conflict):
                return
        raise Unavailable("others keep calling for the same checkout")

    def intend(self, wanted: WantedCall, *, again: bool) -> int | None:
        """The attempt that is ours to make; None where somebody else was quicker."""
        command = Intend(checkout_id=self._caller.checkout_id, wanted=wanted, again=again)
        # A name that nobody else gives it: an intent that is known already is our own, sent twice.
        name = f"{wanted.name}/{self._book.new_id()}"
        try:
            told = self._tell(command, name)
        except Unavailable:
            self._book.abandon(self._event_id(name))
            raise
        if told is None or isinstance(told, Conflict):
            return None
        return self.ledger.calls[wanted.name].attempt

    def doubt(self, call: Call, reason: str) -> None:
        """Nobody can know but a person who looks."""
        self.note(CallInDoubt(**self._which(call), reason=reason[:REASON_CHARS_MAX]))

    def in_doubt(self, call: str) -> None:
        """It is met in doubt, by a step that can only leave it to a person."""
        self._book.register_doubt(self._caller.checkout_id, self._told_s[call])

    def note(self, outcome: CallOutcome) -> None:
        """What is known now must not be lost, however late it is, and whatever others made of it."""
        book = self._book
        book.remember(self._caller, outcome)
        if isinstance(outcome, CallInDoubt):
            book.register_doubt(self._caller.checkout_id, book.clock.now_s())
        for _ in range(ROUNDS_MAX):
            known = self.ledger.calls.get(outcome.call)
            told = self._tell(Report(outcome), f"{outcome.call}/{outcome.attempt}/{type(outcome).__name__}")
            if isinstance(told, Conflict):
                continue
            book.forget(outcome)
            was_in_doubt = known is not None and isinstance(known.standing, InDoubt)
            if was_in_doubt or isinstance(outcome, CallInDoubt):
                book.register.keep([self._caller.checkout_id])
            if isinstance(told, Appended) and was_in_doubt:
                book.wake(self._caller.checkout_id, f"the answer to {outcome.call} came after all")
            return
        raise Unavailable("others keep calling for the same checkout")

    def _tell(self, command: CallCommand, name: str) -> Outcome | None:
        """Append what `command` brings about, if anything; what was not appended is read instead."""
        events = decider.CALLS.decide(command, self.ledger)
        if not events:
            return None
        caller, before_s, event_id = self._caller, self._book.clock.now_s(), self._event_id(name)
        new = NewEvent(event=events[0], event_id=event_id, causation_id=caller.start_id, origin=caller.origin)
        write = Write(entity=caller.checkout_id, expected_version=self._version, events=(new,))
        (outcome,) = self._book.store.append(CALLS, [(write,)])
        if isinstance(outcome, Appended):
            self._evolve(events[0], event_id, before_s)
        else:
            (history,) = self._book.read([caller.checkout_id])
            self._fold(history)
        return outcome

    def _event_id(self, name: str) -> str:
        return caused_by(self._caller.start_id, f"calls/{name}", 0)

    def _which(self, call: Call) -> dict[str, Any]:
        return {
            "checkout_id": self._caller.checkout_id,
            "call": call.wanted.name,
            "attempt": call.attempt,
        }

    def _fold(self, history: Iterable[RecordedEvent]) -> None:
        self.ledger, self._version = CallLedger(), 0
        self._intended_s: dict[str, float] = {}
        self._told_s: dict[str, float] = {}
        self._intent_ids: dict[str, str] = {}
        for recorded in history:
            assert isinstance(recorded.event, CallEvent), recorded
            self._evolve(recorded.event, recorded.event_id, recorded.recorded_at_s)

    def _evolve(self, event: CallEvent, event_id: str, at_s: float) -> None:
        self.ledger = decider.CALLS.evolve(self.ledger, event)
        self._version += 1
        if not isinstance(event, CallsClosed):
            self._told_s[event.call] = at_s
        if isinstance(event, CallIntended):
            self._intended_s[event.call] = at_s
            self._intent_ids[event.call] = event_id
