"""Making the calls of one checkout to existing services: each noted before it is made, and its outcome after.

A call that was noted and not heard of again may have been made. As long as its caller may live it is left to
that; then it is made again where the service knows keys, and is in doubt where it does not.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from application.calls.call_book import CallBook, Caller
from application.calls.call_notes import REASON_CHARS_MAX, ROUNDS_MAX, CallNotes
from application.events.event_ids import caused_by
from application.events.recorded_event import RecordedEvent
from application.ports import existing_services
from application.ports.errors import Unavailable
from application.ports.existing_services import ExistingService, NotCalled, OutcomeUnknown
from domain.calls.events import (
    CallDone,
    CallInDoubt,
    CallNotMade,
    CallRefused,
    CallUnanswered,
    Operation,
)
from domain.calls.states import (
    TAKING,
    Call,
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

SAFE_TO_REPEAT: Final[frozenset[Operation]] = frozenset({"cancel"})
"""Done twice it is done once, whether or not the service knows keys."""

Do = Callable[[existing_services.Call], str | None]
"""Makes a call; the id of the sale that it entered, if it did."""


def key_of(caller: Caller, operation: Operation, line: int) -> str:
    """The key under which the service may know the call."""
    return caused_by(caller.start_id, f"calls/{operation}", line)


class CheckoutCalls:
    """The calls of `caller`, in the hand of one consumer. After `until_s` no call is begun but the first."""

    def __init__(
        self, book: CallBook, caller: Caller, until_s: float, history: Iterable[RecordedEvent]
    ) -> None:
        self._book, self._caller, self._until_s = book, caller, until_s
        self._notes = CallNotes(book, caller, history)
        self._has_begun = False

    @property
    def ledger(self) -> CallLedger:
        """What is known of all of them."""
        return self._notes.ledger

    def close(self) -> None:
        """Take and enter nothing more."""
        self._notes.close()

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
            if known is not None and self._comes_into_doubt(known, service):
                continue
            if isinstance(standing, InDoubt):
                self._notes.in_doubt(wanted.name)
                return standing
            if isinstance(standing, Done) or (isinstance(standing, Refused) and not insist):
                return standing
            is_new = standing is None or isinstance(standing, NotMade | Refused)
            if is_new and self.ledger.closed and wanted.operation in TAKING:
                return None
            if self._begin(wanted, service, do, again=not isinstance(standing, NotMade | None)):
                insist = False
        raise Unavailable("others keep calling for the same checkout")

    def _comes_into_doubt(self, known: Call, service: ExistingService) -> bool:
        """Whether only a person can say now what became of a call.

        Raises:
            Unavailable: whoever meant to make it may still be at it.
        """
        match known.standing:
            case UnderWay():
                patience_s = service.longest_s + self._book.margin_s
                if self._book.clock.now_s() < self._notes.intended_s(known.wanted.name) + patience_s:
                    raise Unavailable(f"{known.wanted.name} is under way")
                reason = "whoever made the call was not heard of again"
            case Unanswered(reason):
                pass
            case _:
                return False
        if _is_safe(known.wanted, service):
            return False
        self._notes.doubt(known, reason)
        return True

    def _begin(self, wanted: WantedCall, service: ExistingService, do: Do, *, again: bool) -> bool:
        """Whether the call was ours to make, and was made."""
        if self._has_begun and self._book.clock.now_s() >= self._until_s:
            raise Unavailable("no time left in this round")
        service.ready()
        attempt = self._notes.intend(wanted, again=again)
        if attempt is None:
            return False
        self._has_begun = True
        which: dict[str, Any] = {
            "checkout_id": self._caller.checkout_id,
            "call": wanted.name,
            "attempt": attempt,
        }
        if self._book.clock.now_s() >= self._notes.intended_s(wanted.name) + self._book.margin_s:
            # By now others may think that we are dead, and make it themselves.
            late = "it could not be begun in time"
            self._notes.note(CallNotMade(**which, reason=late))
            raise NotCalled(late)
        self._carry_out(wanted, which, do, is_safe=_is_safe(wanted, service))
        return True

    def _carry_out(self, wanted: WantedCall, which: dict[str, Any], do: Do, *, is_safe: bool) -> None:
        origin = self._caller.origin
        call = existing_services.Call(
            key=wanted.key,
            checkout_id=self._caller.checkout_id,
            traceparent=origin.traceparent,
            correlation_id=origin.correlation_id,
        )
        try:
            vente_id = do(call)
        except existing_services.CallRefused as refusal:
            self._notes.note(CallRefused(**which, reason=_short(refusal)))
        except NotCalled as error:
            self._notes.note(CallNotMade(**which, reason=_short(error)))
            raise
        except OutcomeUnknown as error:
            kind = CallUnanswered if is_safe else CallInDoubt
            self._notes.note(kind(**which, reason=_short(error)))
            if is_safe:
                raise Unavailable(str(error)) from error
        else:
            self._notes.note(CallDone(**which, vente_id=vente_id))


def _is_safe(wanted: WantedCall, service: ExistingService) -> bool:
    """Whether the same call may be made again, whatever became of it."""
    return service.repeatable or wanted.operation in SAFE_TO_REPEAT


def _short(said: object) -> str:
    return str(said)[:REASON_CHARS_MAX]
