"""The register of checkouts with a call in doubt, held against what is noted of their calls."""

from collections.abc import Collection
from typing import Final

import attrs

from application.events.recorded_event import RecordedEvent
from application.events.streams import CALLS
from application.ports.event_store import EventReader
from application.ports.open_checkouts import OpenCheckouts
from domain.calls import ledger as decider
from domain.calls.events import CallEvent, CallsClosed

SWEPT_MAX: Final = 100
SWEEP_EVERY_S: Final = 10.0


@attrs.define
class DoubtRegister:
    """A checkout is put in before its doubt is noted, so that none is missing where people look; whoever dies
    in between, or is overtaken, leaves one in that belongs there no more."""

    store: EventReader
    doubts: OpenCheckouts
    _sweep_due_s: float = 0.0
    _swept_up_to: tuple[str, float] | None = None

    def keep(self, checkout_ids: Collection[str]) -> None:
        """Have it name those of them that have a call in doubt and none of the others, whoever else is at it.

        Raises:
            Unavailable: it may name too many.
        """
        doubtful = self._since_s(checkout_ids)
        self.doubts.opened(doubtful)
        if over := [id_ for id_ in checkout_ids if id_ not in doubtful]:
            self.doubts.ended(over)
            self.doubts.opened(self._since_s(over))  # one may have come into doubt meanwhile

    def sweep(self, now_s: float) -> None:
        """Look through some of it, once in a while: everything in turn."""
        if now_s >= self._sweep_due_s:
            self._sweep_due_s = now_s + SWEEP_EVERY_S
            rows = self.doubts.oldest(count=SWEPT_MAX, after=self._swept_up_to)
            self._swept_up_to = rows[-1] if len(rows) == SWEPT_MAX else None
            self.keep([checkout_id for checkout_id, _ in rows])

    def _since_s(self, checkout_ids: Collection[str]) -> dict[str, float]:
        """Checkout -> since when a call of its is in doubt, of those that have one."""
        if not checkout_ids:
            return {}
        histories = self.store.read(CALLS, list(checkout_ids))
        known = {id_: _doubtful_since_s(notes) for id_, notes in zip(checkout_ids, histories, strict=True)}
        return {id_: since_s for id_, since_s in known.items() if since_s is not None}


def _doubtful_since_s(notes: list[RecordedEvent]) -> float | None:
    events = [(event, note.recorded_at_s) for note in notes if isinstance(event := note.event, CallEvent)]
    told_s = {event.call: at_s for event, at_s in events if not isinstance(event, CallsClosed)}
    in_doubt = decider.CALLS.fold(event for event, _ in events).in_doubt()
    return min((told_s[call.wanted.name] for call in in_doubt), default=None)
