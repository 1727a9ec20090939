"""The calls of one checkout to existing services: each noted before it is made, and what became of it after.

A call that was noted and not heard of again may have been made. As long as its caller may live it is left to
that; then it is made again where the service knows keys, and is in doubt where it does not.
"""

from collections.abc import Callable, Iterable
from typing import Final

from application.call_book import CallBook, Caller
from application.event_ids import caused_by
from application.ports import existing_services
from application.ports.errors import Unavailable
from application.ports.event_store import Appended, Conflict, NewEvent, Outcome, Write
from application.ports.existing_services import ExistingService, NotCalled, OutcomeUnknown
from application.recorded_event import RecordedEvent
from application.streams import CALLS
from domain.calls import ledger as calls
from domain.calls.commands import CallCommand, Close, Intend, Report
from domain.calls.events import (
    CallDone,
    CallEvent,
    CallInDoubt,
    CallIntended,
    CallNotMade,
    CallOutcome,
    CallRefused,
    CallUnanswered,
    Operation,
)
from domain.calls.states import (
    TAKING,
    CallLedger,
    Done,
    InDoubt,
    NotMade,
    Refused,
    Standing,
    Unanswered,
    UnderWay,
    WantedCall,
)

ROUNDS_MAX: Final = 16  # of reading again while others write about the same checkout's calls
REASON_CHARS_MAX: Final = 500
SAFE_TO_REPEAT: Final[frozenset[Operation]] = frozenset({"cancel"})
"""Done twice it is done once, whether or not the service knows keys."""

Do = Callable[[existing_services.Call], str | None]
"""Makes a call; the id of the sale that it entered, if it did."""


def key_of(caller: Caller, operation: Operation, line: int) -> str:
    """The key under which the service may know the call."""
    return caused_by(caller.start_id, f"calls/{operation}", line)


class CheckoutCalls:
    """The calls of `caller`, in the hand of one consumer. No call is begun after `until_s`."""

    def __init__(
        self, book: CallBook, caller: Caller, until_s: float, history: Iterable[RecordedEvent]
    ) -> None:
        self._book, self._caller, self._until_s = book, caller, until_s
        self._intended_s: dict[str, float] = {}
        self._fold(history)
        for outcome in book.unnoted(caller.checkout_id):
            self._note(outcome)

    def close(self) -> None:
        """Take and enter nothing more."""
        for _ in range(ROUNDS_MAX):
            told = self._tell(Close(self._caller.checkout_id), "closed")
            if not isinstance(told, Conflict):
                return
        raise Unavailable("others keep calling for the same checkout")

    def make(
        self, wanted: WantedCall, service: ExistingService, do: Do, *, insist: bool = False
    ) -> Standing | None:
        """Have this call made, by whomever; how it stands, None where it must not be made any more.

        `insist`: also where it was refused before.

        Raises:
            Unavailable: it is under way, or the service was not reached, or there is no time left.
        """
        for _ in range(ROUNDS_MAX):
            known = self.ledger.calls.get(wanted.name)
            standing = known.standing if known else None
            is_safe = service.repeatable or wanted.operation in SAFE_TO_REPEAT
            match standing:
                case Done() | InDoubt():
                    return standing
                case Refused() if not insist:
                    return standing
                case UnderWay() if self._is_alive(wanted.name, service):
                    raise Unavailable(f"{wanted.name} is under way")
                case UnderWay() if not is_safe:
                    self._doubt(wanted.name, "whoever made the call was not heard of again")
                    continue
                case Unanswered(reason) if not is_safe:
                    self._doubt(wanted.name, reason)
                    continue
                case None | NotMade() | Refused() if self.ledger.closed and wanted.operation in TAKING:
                    return None
                case _:
                    attempt = self._intend(wanted, service, again=not isinstance(standing, NotMade | None))
            if attempt is not None:
                insist = False
                self._carry_out(wanted, attempt, do, is_safe=is_safe)
        raise Unavailable("others keep calling for the same checkout")

    def _is_alive(self, call: str, service: ExistingService) -> bool:
        """Whether whoever meant to make the call may still be at it."""
        patience_s = service.longest_s + self._book.margin_s
        return self._book.clock.now_s() < self._intended_s[call] + patience_s

    def _intend(self, wanted: WantedCall, service: ExistingService, *, again: bool) -> int | None:
        """The attempt that is ours to make; None where somebody else was quicker."""
        if self._book.clock.now_s() >= self._until_s:
            raise Unavailable("no time left in this round")
        service.ready()
        command = Intend(checkout_id=self._caller.checkout_id, wanted=wanted, again=again)
        # An id that nobody else has: one that is known already is our own, sent twice.
        told = self._tell(command, f"{wanted.name}/{self._book.new_id()}")
        return None if told is None or isinstance(told, Conflict) else self.ledger.calls[wanted.name].attempt

    def _carry_out(self, wanted: WantedCall, attempt: int, do: Do, *, is_safe: bool) -> None:
        which = {"checkout_id": self._caller.checkout_id, "call": wanted.name}
        if self._book.clock.now_s() >= self._intended_s[wanted.name] + self._book.margin_s:
            late = "it could not be begun in time"
            self._note(CallNotMade(**which, attempt=attempt, reason=late))
            raise NotCalled(late)
        origin = self._caller.origin
        call = existing_services.Call(
            key=wanted.key, traceparent=origin.traceparent, correlation_id=origin.correlation_id
        )
        try:
            vente_id = do(call)
        except existing_services.CallRefused as refusal:
            self._note(CallRefused(**which, attempt=attempt, reason=_short(refusal)))
        except NotCalled as error:
            self._note(CallNotMade(**which, attempt=attempt, reason=_short(error)))
            raise
        except OutcomeUnknown as error:
            kind = CallUnanswered if is_safe else CallInDoubt
            self._note(kind(**which, attempt=attempt, reason=_short(error)))
            if is_safe:
                raise Unavailable(str(error)) from error
        else:
            self._note(CallDone(**which, attempt=attempt, vente_id=vente_id))

    def _doubt(self, call: str, reason: str) -> None:
        attempt = self.ledger.calls[call].attempt
        self._note(
            CallInDoubt(
                checkout_id=self._caller.checkout_id, call=call, attempt=attempt, reason=_short(reason)
            )
        )

    def _note(self, outcome: CallOutcome) -> None:
        """What is known now must not be lost, however late it is, and whatever others made of it."""
        book = self._book
        if not isinstance(outcome, CallInDoubt):  # which anybody finds out again
            book.remember(self._caller, outcome)
        else:
            book.doubt(self._caller.checkout_id)
        event_id = f"{outcome.call}/{outcome.attempt}/{type(outcome).__name__}"
        for _ in range(ROUNDS_MAX):
            known = self.ledger.calls.get(outcome.call)
            told = self._tell(Report(outcome), event_id)
            if isinstance(told, Conflict):
                continue
            book.forget(outcome)
            if isinstance(told, Appended) and known and isinstance(known.standing, InDoubt):
                book.wake(self._caller.checkout_id, f"the answer to {outcome.call} came after all")
            return
        raise Unavailable("others keep calling for the same checkout")

    def _tell(self, command: CallCommand, event_name: str) -> Outcome | None:
        """Append what `command` brings about, if anything; after a conflict the ledger is read again."""
        events = calls.CALLS.decide(command, self.ledger)
        if not events:
            return None
        caller = self._caller
        new = NewEvent(
            event=events[0],
            event_id=caused_by(caller.start_id, f"calls/{event_name}", 0),
            causation_id=caller.start_id,
            origin=caller.origin,
        )
        write = Write(entity=caller.checkout_id, expected_version=self._version, events=(new,))
        before_s = self._book.clock.now_s()
        (outcome,) = self._book.store.append(CALLS, [(write,)])
        if isinstance(outcome, Appended):
            self._evolve(events[0], before_s)
        else:
            (history,) = self._book.read([caller.checkout_id])
            self._fold(history)
        return outcome

    def _fold(self, history: Iterable[RecordedEvent]) -> None:
        self.ledger, self._version = CallLedger(), 0
        for recorded in history:
            assert isinstance(recorded.event, CallEvent), recorded
            self._evolve(recorded.event, recorded.recorded_at_s)

    def _evolve(self, event: CallEvent, at_s: float) -> None:
        self.ledger = calls.CALLS.evolve(self.ledger, event)
        self._version += 1
        if isinstance(event, CallIntended):
            self._intended_s[event.call] = at_s


def _short(said: object) -> str:
    return str(said)[:REASON_CHARS_MAX]
