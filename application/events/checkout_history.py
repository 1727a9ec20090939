"""A checkout's history, folded: to where it stands, or event by event."""

from collections.abc import Iterable, Iterator

from application.events.recorded_event import RecordedEvent
from domain.checkout.checkout import CHECKOUT
from domain.checkout.events import CheckoutEvent
from domain.checkout.states import Checkout


def checkout_after(history: Iterable[RecordedEvent]) -> Checkout:
    """How the checkout stands after all of its events."""
    return CHECKOUT.fold(_fact(recorded) for recorded in history)


def stages(history: Iterable[RecordedEvent]) -> Iterator[tuple[RecordedEvent, Checkout]]:
    """Each event, and how the checkout stood after it."""
    checkout = CHECKOUT.initial
    for recorded in history:
        checkout = CHECKOUT.evolve(checkout, _fact(recorded))
        yield recorded, checkout


def _fact(recorded: RecordedEvent) -> CheckoutEvent:
    event = recorded.event
    assert isinstance(event, CheckoutEvent), recorded
    return event
