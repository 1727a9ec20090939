"""Question: what lies on a stream? Reads, never writes."""

import attrs

from application.events.streams import STREAMS
from application.ports.event_store import EventReader, Page


@attrs.frozen
class EventLister:
    """Lists the service's own streams and nothing else."""

    store: EventReader

    def page(
        self,
        stream: str,
        *,
        count: int,
        after: str | None = None,
        newest_first: bool = False,
        type: str | None = None,
    ) -> Page | None:
        """A page of entries; None where `stream` is none of ours.

        Raises:
            InvalidPosition: `after` is no position.
            Unavailable: ask again later.
        """
        if stream not in STREAMS:
            return None
        return self.store.page(stream, count=count, after=after, newest_first=newest_first, type=type)
