"""One event handed to a consumer."""

from abc import ABC, abstractmethod
from typing import Protocol

import attrs

from application.events.recorded_event import RecordedEvent
from application.ports.event_store import StoredEntry


class Heading(Protocol):
    """What an event's envelope says of it, in the words of `RecordedEvent`, which is one."""

    @property
    def type(self) -> str: ...
    @property
    def entity(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def recorded_at_s(self) -> float: ...
    @property
    def causation_id(self) -> str | None: ...


@attrs.define(eq=False)
class Delivery(ABC):
    """An entry of a stream on its way through a worker. Not frozen, because a worker makes very many."""

    position: str
    attempt: int

    @property
    @abstractmethod
    def type(self) -> str:
        """Read without decoding the rest; empty where the entry has none."""

    @property
    @abstractmethod
    def age_s(self) -> float:
        """The time from when it was recorded until it was handed out, by the store's clock."""

    @abstractmethod
    def open(self) -> RecordedEvent:
        """The event inside.

        Raises:
            MalformedEvent: there is none.
            FactTooEarly: it is about a checkout that has not begun.
        """

    def heading(self) -> Heading:
        """What its envelope says of the event, for a step that needs no more. Where the envelope does not say
        all of it, as another program's may not, this opens it, and raises what `open` does."""
        return self.open()

    @abstractmethod
    def look(self) -> StoredEntry:
        """The entry as it lies there, whether or not it is an event."""
