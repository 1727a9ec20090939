"""What a person asks for when a checkout needs one: cancel, retry, force, resolve, give it more time."""

from collections.abc import Callable, Sequence
from uuid import uuid4

import attrs

from application.events.checkout_history import checkout_after
from application.events.event_ids import caused_by
from application.events.origin import NO_ORIGIN, Origin
from application.events.recorded_event import RecordedEvent
from application.events.streams import CHECKOUTS
from application.ports.errors import Unavailable
from application.ports.event_store import Appended, Duplicate, EventStore, NewEvent, Write
from application.questions.replay_checkout import CheckoutView, view_of
from application.requests.start_checkout import IdempotencyKeyReused
from application.requests.who_and_why import check_said
from domain.checkout.checkout import CHECKOUT, known
from domain.checkout.commands import Intervene
from domain.checkout.states import NotStarted

ROUNDS_MAX = 20  # of deciding again while the saga goes on


@attrs.frozen
class Intervened:
    """The checkout after the act. `changed`: the act was added to its history; it was not where what was
    asked for had come about before. `replayed`: it had been added by the same request before."""

    view: CheckoutView
    changed: bool
    replayed: bool = False


@attrs.frozen
class Request:
    """A request that may come again. `key` is the caller's name for it, `said` all that it says: what
    comes under the same key and says something else is another one."""

    key: str
    said: str

    @property
    def of_key(self) -> str:
        """What the ids of its events begin with, whatever it says."""
        return caused_by(self.key, "act", 0) + "~"

    @property
    def act_id(self) -> str:
        """What the ids of its events begin with."""
        return self.of_key + caused_by(self.said, "act", 0)


@attrs.frozen
class CheckoutDesk:
    """Every act is an event of its checkout, with who and why; the steps react to it as to any other."""

    store: EventStore
    new_id: Callable[[], str] = lambda: uuid4().hex

    def intervene(
        self,
        checkout_id: str,
        command: Intervene,
        origin: Origin = NO_ORIGIN,
        request: Request | None = None,
    ) -> Intervened:
        """Append what `command` brings about. Where `origin` is silent, that of the start goes on. A
        `request` that has been here before is answered as it was then.

        Raises:
            UnknownCheckout: there is none with this id.
            CheckoutEnded, CheckoutFailing: too late.
            IdempotencyKeyReused: the key of `request` stands for another one about this checkout.
            InvalidValue: an actor or a reason outside its limits.
            Unavailable: the outcome is unknown; with a `request` it is safe to ask again, else look first.
        """
        check_said(command.actor, command.reason)
        act_id = self.new_id() if request is None else request.act_id
        for _ in range(ROUNDS_MAX):
            (history,) = self.store.read(CHECKOUTS, [checkout_id])
            if request is not None and (before := _outcome_of(request, history)):
                return before
            checkout = known(checkout_id, checkout_after(history))
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
            sent_twice = request is None and isinstance(outcome, Duplicate)  # the connection broke
            if isinstance(outcome, Appended) or sent_twice:
                return Intervened(view_of(after), changed=True)
        raise Unavailable(f"checkout {checkout_id} keeps moving on")


def _outcome_of(request: Request, history: Sequence[RecordedEvent]) -> Intervened | None:
    """How the checkout stood after this request; None where it is new."""
    places = [n for n, recorded in enumerate(history) if recorded.event_id.startswith(request.of_key)]
    if not places:
        return None
    last = places[-1]
    if not history[last].event_id.startswith(request.act_id):
        raise IdempotencyKeyReused(request.key)
    after = checkout_after(history[: last + 1])
    assert not isinstance(after, NotStarted)
    return Intervened(view_of(after), changed=True, replayed=True)
