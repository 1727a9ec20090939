"""Question: which checkouts wait, on which step, since when, and why? Reads, never writes."""

from collections.abc import Sequence
from itertools import islice

import attrs

from application.events.checkout_history import checkout_after
from application.events.recorded_event import RecordedEvent
from application.events.streams import CALLS, CHECKOUTS
from application.ports.clock import Clock
from application.ports.cursors import cursor_of, row_of
from application.ports.dead_letters import DeadLetterReader
from application.ports.event_store import EventReader
from application.ports.group_progress import GroupProgress
from application.ports.open_checkouts import OpenCheckouts
from application.questions.replay_checkout import CheckoutView, view_of
from application.questions.show_calls import views_of
from application.questions.whose_turn import Next, TurnTeller, Waking, woken_by
from domain.checkout.checkout import waits_for
from domain.checkout.saga import SAGA
from domain.checkout.states import Checkout, NotStarted


@attrs.frozen(kw_only=True)
class StuckCheckout:
    """An open checkout, and what it waits for. `opened_s`: when it began, epoch seconds."""

    view: CheckoutView
    next: Next
    opened_s: float
    last_fact: str


@attrs.frozen
class StuckFinder:
    """Begins at the register of open checkouts; what has ended by now is left out. It holds
    no port that can write to the log."""

    store: EventReader
    open_checkouts: OpenCheckouts
    dead_letters: DeadLetterReader
    progress: GroupProgress
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
        return self._open_of(ids) if ids else [], more

    def _open_of(self, ids: list[str]) -> list[StuckCheckout]:
        histories, notes = self.store.read(CHECKOUTS, ids), self.store.read(CALLS, ids)
        standing = [checkout_after(history) for history in histories]
        teller = TurnTeller(self.progress, self.dead_letters)
        woken = [_woken(history, checkout) for history, checkout in zip(histories, standing, strict=True)]
        deliveries = iter(teller.deliveries([waking for each in woken for waking in each]))
        found = []
        for history, noted, checkout, each in zip(histories, notes, standing, woken, strict=True):
            turn = teller.next(history, views_of(noted, history), list(islice(deliveries, len(each))))
            if turn is not None and not isinstance(checkout, NotStarted):
                began_s, last = history[0].recorded_at_s, history[-1].type
                found.append(
                    StuckCheckout(view=view_of(checkout), next=turn, opened_s=began_s, last_fact=last)
                )
        return found


def _woken(history: Sequence[RecordedEvent], checkout: Checkout) -> list[Waking]:
    """What should have woken the step that it waits for."""
    return woken_by(history, [step for step in SAGA if step.worker == waits_for(checkout)])
