"""Checkouts that arrive on a schedule, whatever became of those before."""

import itertools
import threading
import time
from collections.abc import Sequence
from typing import Final

import attrs

from application.ports.event_store import EventStore
from bench.requests import body_of, connected, post_checkout
from bench.shop import append_all, start_transaction
from domain.checkout.events import CheckoutInitiated

SETTLE_S: Final = 0.2
POSTERS: Final = 8

Due = dict[str, float]
"""Checkout id -> when it was due, in epoch seconds."""


@attrs.frozen
class Schedule:
    """Arrivals, evenly spaced."""

    rate_per_s: float
    starts: Sequence[CheckoutInitiated]
    begins_s: float = attrs.field(factory=lambda: time.time() + SETTLE_S)

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.starts)

    def due_s(self, place: int) -> float:
        """When the one at that place is due."""
        return self.begins_s + place / self.rate_per_s

    def wait_for(self, place: int) -> None:
        """Until it is due; not at all where it is late."""
        time.sleep(max(0.0, self.due_s(place) - time.time()))


def appended(store: EventStore, schedule: Schedule) -> Due:
    """Written straight to the store; those that are late go together."""
    transactions = [start_transaction(start) for start in schedule.starts]
    sent = 0
    while sent < schedule.count:
        schedule.wait_for(sent)
        beyond = sent + 1
        while beyond < schedule.count and schedule.due_s(beyond) <= time.time():
            beyond += 1
        append_all(store, transactions[sent:beyond])
        sent = beyond
    return {start.checkout_id: schedule.due_s(place) for place, start in enumerate(schedule.starts)}


def posted(url: str, schedule: Schedule) -> Due:
    """Over HTTP to the API at `url`, each on whichever connection is free."""
    bodies = [body_of(start) for start in schedule.starts]
    places, due = itertools.count(), Due()

    def post_some() -> None:
        with connected(url) as connection:
            while (place := next(places)) < schedule.count:
                schedule.wait_for(place)
                checkout_id = post_checkout(connection, bodies[place])
                due[checkout_id] = schedule.due_s(place)

    posters = [threading.Thread(target=post_some, daemon=True) for _ in range(POSTERS)]
    for poster in posters:
        poster.start()
    for poster in posters:
        poster.join()
    assert len(due) == schedule.count, "some were not accepted"
    return due
