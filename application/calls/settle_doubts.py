"""What a person needs to see of calls to existing services, and decides about those in doubt."""

import re
from collections.abc import Callable, Sequence
from typing import Final
from uuid import uuid4

import attrs

from application.calls.doubt_register import DoubtRegister
from application.calls.what_follows import WhatFollows, what_follows
from application.checkout_history import checkout_after
from application.cursors import cursor_of, row_of
from application.intervene import ROUNDS_MAX, CheckoutDesk, check_said
from application.origin import NO_ORIGIN, Origin
from application.ports.errors import Unavailable
from application.ports.event_store import Conflict, EventReader, EventStore, NewEvent, Write
from application.ports.open_checkouts import OpenCheckouts
from application.recorded_event import RecordedEvent
from application.replay_checkout import CheckoutView, view_of
from application.streams import CALLS, CHECKOUTS
from domain.calls import ledger as decider
from domain.calls.commands import Settle
from domain.calls.events import CallEvent, CallsClosed, DoubtSettled
from domain.calls.states import Call, CallLedger, InDoubt
from domain.checkout.commands import RetryStep
from domain.checkout.states import NotStarted
from domain.errors import CheckoutEnded, InvalidValue
from domain.identifiers import ID_PATTERN, is_identifier

_NAME: Final = "(take|give-back|enter|cancel)-[1-9][0-9]{0,3}"
_is_name: Final = re.compile(_NAME).fullmatch
CALL_ID_PATTERN: Final = f"{ID_PATTERN.removesuffix('$')}:{_NAME}$"
CALL_ID_RULE: Final = "must be the id of a call, such as k4t2:take-1"


@attrs.frozen(kw_only=True)
class CallView:
    """A call with all that is noted of it, oldest first, and the checkout that it is for. `follows` is what
    either decision will bring about; None where there is nothing to decide."""

    checkout: CheckoutView
    call: Call
    notes: tuple[RecordedEvent, ...]
    follows: WhatFollows | None

    @property
    def id(self) -> str:
        """The checkout and the call's name in it."""
        return f"{self.checkout.checkout_id}:{self.call.wanted.name}"

    @property
    def since_s(self) -> float:
        """When it came to stand as it does, epoch seconds."""
        return self.notes[-1].recorded_at_s


@attrs.frozen
class Settled:
    """The call after a decision. `changed`: that was decided now, and not before."""

    view: CallView
    changed: bool


def parts_of(id: str) -> tuple[str, str]:
    """The checkout id and the name of a call.

    Raises:
        InvalidValue: it is no call's id.
    """
    checkout_id, _, call = id.rpartition(":")
    if not is_identifier(checkout_id) or not _is_name(call):
        raise InvalidValue("call_id", CALL_ID_RULE)
    return checkout_id, call


@attrs.frozen
class CallFinder:
    """Reads, never writes."""

    store: EventReader
    doubts: OpenCheckouts

    def in_doubt(self, *, count: int, after: str | None = None) -> tuple[list[CallView], str | None]:
        """The calls in doubt of at most `count` checkouts that follow the cursor `after`, those that have
        waited longest first, and the cursor for more. A page may be empty although there is a cursor.

        Raises:
            InvalidPosition: `after` is no cursor.
            Unavailable: ask again later.
        """
        last = row_of(after) if after is not None else None
        noted = self.doubts.oldest(count=count + 1, after=last)
        more = cursor_of(noted[count - 1]) if len(noted) > count else None
        views = self._of([checkout_id for checkout_id, _ in noted[:count]])
        return [view for view in views if isinstance(view.call.standing, InDoubt)], more

    def of_checkout(self, checkout_id: str) -> list[CallView]:
        """Every call of a checkout, in the order in which they were meant.

        Raises:
            Unavailable: ask again later.
        """
        return self._of([checkout_id])

    def get(self, id: str) -> CallView | None:
        """One call.

        Raises:
            InvalidValue: that is no call's id.
            Unavailable: ask again later.
        """
        checkout_id, _ = parts_of(id)
        return next((view for view in self.of_checkout(checkout_id) if view.id == id), None)

    def _of(self, checkout_ids: Sequence[str]) -> list[CallView]:
        if not checkout_ids:
            return []
        notes = self.store.read(CALLS, checkout_ids)
        histories = self.store.read(CHECKOUTS, checkout_ids)
        return [
            view for noted, history in zip(notes, histories, strict=True) for view in views_of(noted, history)
        ]


@attrs.frozen
class CallDesk:
    """A decision is an event among the notes; the step that waits for it is woken by an event of its own."""

    store: EventStore
    doubts: OpenCheckouts
    new_id: Callable[[], str] = lambda: uuid4().hex

    @property
    def finder(self) -> CallFinder:
        """To look before."""
        return CallFinder(self.store, self.doubts)

    def settle(
        self,
        id: str,
        *,
        happened: bool,
        actor: str,
        reason: str,
        vente_id: str | None = None,
        origin: Origin = NO_ORIGIN,
    ) -> Settled:
        """Decide what became of a call in doubt. `vente_id`: of the sale, where one was entered.

        Raises:
            UnknownCall, NotInDoubt: there is nothing to decide.
            InvalidValue: an actor or a reason outside its limits, a sale without its id.
            Unavailable: the outcome is unknown; look, then ask again.
        """
        check_said(actor, reason)
        checkout_id, call = parts_of(id)
        command = Settle(
            checkout_id=checkout_id,
            call=call,
            happened=happened,
            actor=actor,
            reason=reason,
            vente_id=vente_id,
        )
        changed = self._decide(command, origin)
        view = self.finder.get(id)
        assert view is not None
        self._wake(view, actor, origin)
        DoubtRegister(self.store, self.doubts).keep([checkout_id])
        return Settled(view, changed)

    def _decide(self, command: Settle, origin: Origin) -> bool:
        decision_id = self.new_id()
        for _ in range(ROUNDS_MAX):
            (history,) = self.store.read(CALLS, [command.checkout_id])
            events = decider.CALLS.decide(command, _ledger(history))
            if not events:
                return False
            new = NewEvent(event=events[0], event_id=decision_id, origin=origin.or_else(history[0].origin))
            write = Write(entity=command.checkout_id, expected_version=len(history), events=(new,))
            (outcome,) = self.store.append(CALLS, [(write,)])
            if not isinstance(outcome, Conflict):
                return True
        raise Unavailable(f"the calls of checkout {command.checkout_id} keep moving on")

    def _wake(self, view: CallView, actor: str, origin: Origin) -> None:
        """Once for each decision, however often it is asked for, and also where whoever asked first died."""
        settled = [note for note in view.notes if isinstance(note.event, DoubtSettled)]
        desk = CheckoutDesk(self.store, new_id=lambda: f"settled-{settled[-1].event_id}")
        command = RetryStep(actor=actor, reason=f"call {view.call.wanted.name} is no longer in doubt")
        try:
            desk.intervene(view.checkout.checkout_id, command, origin)
        except CheckoutEnded:
            return


def _ledger(history: Sequence[RecordedEvent]) -> CallLedger:
    return decider.CALLS.fold(event for note in history if isinstance(event := note.event, CallEvent))


def views_of(notes: Sequence[RecordedEvent], history: Sequence[RecordedEvent]) -> list[CallView]:
    """The calls of a checkout with this history, as these notes have them."""
    if not notes:
        return []
    checkout = checkout_after(history)
    if isinstance(checkout, NotStarted):
        return []
    ledger, seen = _ledger(notes), view_of(checkout)
    return [
        CallView(
            checkout=seen,
            call=call,
            notes=tuple(note for note in notes if _is_about(note, call)),
            follows=what_follows(call, checkout) if isinstance(call.standing, InDoubt) else None,
        )
        for call in ledger.calls.values()
    ]


def _is_about(note: RecordedEvent, call: Call) -> bool:
    event = note.event
    assert isinstance(event, CallEvent), note
    return not isinstance(event, CallsClosed) and event.call == call.wanted.name
