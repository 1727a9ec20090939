"""What a person asks for when a checkout needs one: cancel, retry, force, resolve, give it more time."""

from collections.abc import Callable
from uuid import uuid4

import attrs

from application.origin import NO_ORIGIN, Origin
from application.ports.errors import Unavailable
from application.ports.event_store import Conflict, EventStore, NewEvent, Write
from application.replay_checkout import CheckoutView, view_of
from application.saga_step import checkout_facts
from application.streams import CHECKOUTS
from domain.checkout.checkout import CHECKOUT, known
from domain.checkout.commands import Intervene
from domain.checkout.states import NotStarted
from domain.errors import InvalidValue

ROUNDS_MAX = 20  # of deciding again while the saga goes on
ACTOR_CHARS_MAX = 100
REASON_CHARS_MAX = 500


@attrs.frozen
class Intervened:
    """The checkout after the act. `changed`: the act was added to its history; it was not where what was
    asked for had come about before."""

    view: CheckoutView
    changed: bool


@attrs.frozen
class CheckoutDesk:
    """Every act is an event of its checkout, with who and why; the steps react to it as to any other."""

    store: EventStore
    new_id: Callable[[], str] = lambda: uuid4().hex

    def intervene(self, checkout_id: str, command: Intervene, origin: Origin = NO_ORIGIN) -> Intervened:
        """Append what `command` brings about. Where `origin` is silent, that of the start goes on.

        Raises:
            UnknownCheckout: there is none with this id.
            CheckoutEnded, CheckoutFailing: too late.
            InvalidValue: an actor or a reason outside its limits.
            Unavailable: the outcome is unknown; look, then ask again.
        """
        _check(command)
        act_id = self.new_id()
        for _ in range(ROUNDS_MAX):
            (history,) = self.store.read(CHECKOUTS, [checkout_id])
            checkout = known(checkout_id, CHECKOUT.fold(checkout_facts(history)))
            events = CHECKOUT.decide(command, checkout)
            after = CHECKOUT.fold(events, checkout)
            assert not isinstance(after, NotStarted)
            if not events:
                return Intervened(view_of(after), changed=False)
            said = origin.or_else(history[0].origin)
            acts = tuple(
                NewEvent(event=event, event_id=f"{act_id}-{n}", origin=said) for n, event in enumerate(events)
            )
            write = Write(entity=checkout_id, expected_version=len(history), events=acts)
            (outcome,) = self.store.append(CHECKOUTS, [(write,)])
            if not isinstance(outcome, Conflict):  # a duplicate: the connection broke, and it was sent twice
                return Intervened(view_of(after), changed=True)
        raise Unavailable(f"checkout {checkout_id} keeps moving on")


def _check(command: Intervene) -> None:
    if not 1 <= len(command.actor.strip()) <= ACTOR_CHARS_MAX:
        raise InvalidValue("actor", f"must be 1 to {ACTOR_CHARS_MAX} characters")
    if not 1 <= len(command.reason.strip()) <= REASON_CHARS_MAX:
        raise InvalidValue("reason", f"must be 1 to {REASON_CHARS_MAX} characters")
