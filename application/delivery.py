"""One event handed to a consumer."""

from abc import ABC, abstractmethod

import attrs

from application.ports.event_store import StoredEntry
from application.recorded_event import RecordedEvent


@attrs.define(eq=False)
class Delivery(ABC):
    """An entry of a stream on its way through a worker. Not frozen, because a worker makes very many.

    `type` is read without decoding the rest; empty where the entry has none. `age_s` is the time since
    it was recorded, by the store's clock.
    """

    position: str
    attempt: int
    type: str
    age_s: float

    @abstractmethod
    def open(self) -> RecordedEvent:
        """The event inside.

        Raises:
            MalformedEvent: there is none.
            FactTooEarly: it is about a checkout that has not begun.
        """

    @abstractmethod
    def look(self) -> StoredEntry:
        """The entry as it lies there, whether or not it is an event."""
