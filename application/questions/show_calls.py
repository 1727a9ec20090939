"""Question: which calls were made to existing services, and which are in doubt? Reads, never writes."""

import re
from collections.abc import Sequence
from typing import Final

import attrs

from application.events.checkout_history import checkout_after
from application.events.recorded_event import RecordedEvent
from application.events.streams import CALLS, CHECKOUTS
from application.ports.cursors import cursor_of, row_of
from application.ports.event_store import EventReader
from application.ports.open_checkouts import OpenCheckouts
from application.questions.replay_checkout import CheckoutView, view_of
from application.questions.what_follows import WhatFollows, what_follows
from domain.calls import ledger as decider
from domain.calls.events import CallEvent, CallsClosed
from domain.calls.states import Call, CallLedger, InDoubt
from domain.checkout.states import NotStarted
from domain.errors import InvalidValue
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
    """It holds no port that can write."""

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


def ledger_of(history: Sequence[RecordedEvent]) -> CallLedger:
    """What these notes come to."""
    return decider.CALLS.fold(event for note in history if isinstance(event := note.event, CallEvent))


def views_of(notes: Sequence[RecordedEvent], history: Sequence[RecordedEvent]) -> list[CallView]:
    """The calls of a checkout with this history, as these notes have them."""
    if not notes:
        return []
    checkout = checkout_after(history)
    if isinstance(checkout, NotStarted):
        return []
    ledger, seen = ledger_of(notes), view_of(checkout)
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
