"""The streams of the service, and which entity of which stream a fact is about."""

from typing import Final

from domain.calls.events import CallEvent
from domain.checkout.events import CheckoutEvent
from domain.inventory.events import StockEvent, UnitsHeld, UnitsReceived, UnitsRefused, UnitsReleased

Event = CheckoutEvent | StockEvent | CallEvent

CHECKOUTS: Final = "ecommerce.checkout.events"
INVENTORY: Final = "ecommerce.inventory.events"
CALLS: Final = "ecommerce.calls.events"
HEARTBEATS: Final = "ecommerce.heartbeat.events"
"""Beats, of which only the newest are kept: none of `STREAMS`."""
STREAMS: Final = (CHECKOUTS, INVENTORY, CALLS)

_STOCK_FACTS: Final = (UnitsHeld, UnitsReceived, UnitsReleased, UnitsRefused)  # asked of every event


def entity_of(event: Event) -> str:
    """The entity that `event` is about: its product on the inventory stream, else its checkout."""
    return event.produit_id if isinstance(event, _STOCK_FACTS) else event.checkout_id


def checkout_of(event: Event) -> str | None:
    """The checkout that `event` belongs to; None for stock that came in for nobody in particular."""
    return None if isinstance(event, UnitsReceived) else event.checkout_id
