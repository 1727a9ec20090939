"""Question: how long has the oldest open checkout waited on each step? Reads, never writes."""

import attrs

from application.events.checkout_history import checkout_after
from application.events.streams import CHECKOUTS
from application.ports.clock import Clock
from application.ports.event_store import EventReader
from application.ports.open_checkouts import OpenCheckouts
from domain.checkout.checkout import waits_for


@attrs.frozen
class OldestWaits:
    """Begins at the register of open checkouts; what has ended by now is left out."""

    store: EventReader
    open_checkouts: OpenCheckouts
    clock: Clock

    def per_step(self, *, count: int) -> dict[str, float]:
        """Step -> age in seconds of its oldest open checkout, among the `count` oldest of all.

        Raises:
            Unavailable: ask again later.
        """
        now_s = self.clock.now_s()
        noted = self.open_checkouts.oldest(count=count)
        ages: dict[str, float] = {}
        histories = self.store.read(CHECKOUTS, [id_ for id_, _ in noted]) if noted else []
        for history in histories:
            worker = waits_for(checkout_after(history))
            if worker is not None:
                ages[worker] = max(ages.get(worker, 0.0), now_s - history[0].recorded_at_s)
        return ages
