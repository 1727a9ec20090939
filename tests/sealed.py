"""A delivery that must not be opened."""

from collections.abc import Callable

import attrs

from application.events.recorded_event import RecordedEvent
from application.ports.delivery import Delivery
from application.ports.event_store import StoredEntry


@attrs.define(eq=False)
class SealedDelivery(Delivery):
    """Shows `on_look` when it is looked at."""

    type: str
    age_s: float
    on_look: Callable[[], StoredEntry]

    def open(self) -> RecordedEvent:
        raise AssertionError("to open may be a round trip to the store")

    def look(self) -> StoredEntry:
        return self.on_look()
