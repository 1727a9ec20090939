"""An event as the store keeps it: the fact and its envelope."""

import attrs

from application.events.origin import NO_ORIGIN, Origin
from application.events.streams import Event


@attrs.frozen(kw_only=True)
class RecordedEvent:
    """`event` is the `version`-th fact of `entity`, at `position` of `stream`.

    Times are epoch seconds: `emitted_at_s` by the writer's clock, `recorded_at_s` by the store's.
    """

    event: Event
    stream: str
    entity: str
    version: int
    position: str
    event_id: str
    emitted_at_s: float
    recorded_at_s: float
    causation_id: str | None = None
    origin: Origin = NO_ORIGIN

    @property
    def type(self) -> str:
        return type(self.event).__name__
