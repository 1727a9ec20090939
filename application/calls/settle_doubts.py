"""What a person decides about calls to existing services that are in doubt."""

from collections.abc import Callable
from uuid import uuid4

import attrs

from application.calls.doubt_register import DoubtRegister
from application.events.origin import NO_ORIGIN, Origin
from application.events.streams import CALLS
from application.ports.errors import Unavailable
from application.ports.event_store import Conflict, EventStore, NewEvent, Write
from application.ports.open_checkouts import OpenCheckouts
from application.questions.show_calls import CallFinder, CallView, ledger_of, parts_of
from application.requests.intervene import ROUNDS_MAX, CheckoutDesk
from application.requests.who_and_why import check_said
from domain.calls import ledger as decider
from domain.calls.commands import Settle
from domain.calls.events import DoubtSettled
from domain.checkout.commands import RetryStep
from domain.errors import CheckoutEnded


@attrs.frozen
class Settled:
    """The call after a decision. `changed`: that was decided now, and not before."""

    view: CallView
    changed: bool


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
            events = decider.CALLS.decide(command, ledger_of(history))
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
