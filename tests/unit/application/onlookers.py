"""A log in memory for those who look on, whose feed counts what it is asked and can be away."""

import threading
from collections import Counter
from collections.abc import Mapping

import attrs

from adapters.inmemory.clock import FakeClock
from adapters.inmemory.event_bus import fields_of
from adapters.inmemory.event_feed import InMemoryEventFeed
from adapters.inmemory.event_store import InMemoryEventStore
from adapters.inmemory.log import InMemoryLog
from application.events.streams import CHECKOUTS
from application.live.tail import Tail, TailLimits
from application.ports.errors import Unavailable
from application.ports.event_feed import FeedEntry
from application.ports.event_store import NewEvent, Write
from domain.checkout.events import CheckoutEvent

QUICK = TailLimits(linger_ms=0, block_ms=20)


class WatchedFeed(InMemoryEventFeed):
    """`away` while it is set; `most_at_once` is how many were ever waiting in it together."""

    def __init__(self, log: InMemoryLog) -> None:
        super().__init__(log)
        self.away = threading.Event()
        self.asked: Counter[str] = Counter()
        self.waiting = self.most_at_once = 0

    def read(self, stream: str, *, after: str, count: int, block_ms: int) -> list[FeedEntry]:
        if self.away.is_set():
            raise Unavailable("away")
        self.asked["again" if block_ms == 0 else "tail"] += 1
        self.waiting += block_ms > 0
        self.most_at_once = max(self.most_at_once, self.waiting)
        try:
            return super().read(stream, after=after, count=count, block_ms=block_ms)
        finally:
            self.waiting -= block_ms > 0

    def end(self, stream: str) -> str:
        if self.away.is_set():
            raise Unavailable("away")
        return super().end(stream)


@attrs.define
class Onlookers:
    """A stream and its tail. What is written comes without waiting, each entry a position of its own."""

    limits: TailLimits = QUICK
    log: InMemoryLog = attrs.Factory(lambda: InMemoryLog(FakeClock()))
    troubles: list[Exception] = attrs.Factory(list)
    closed: threading.Event = attrs.Factory(threading.Event)
    feed: WatchedFeed = attrs.field(init=False)
    store: InMemoryEventStore = attrs.field(init=False)
    tail: Tail = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.feed = WatchedFeed(self.log)
        self.store = InMemoryEventStore(self.log)
        self.tail = self.another_tail(self.limits)

    def another_tail(self, limits: TailLimits) -> Tail:
        return Tail(self.feed, CHECKOUTS, limits, self.closed, self.troubles.append)

    def write(self, count: int = 1, type: str = "Fact", **fields: str) -> list[str]:
        """So many entries of another program; their positions."""
        return [self.log.add(CHECKOUTS, fields_of(type=type, payload="{}", **fields)) for _ in range(count)]

    def write_foreign(self, fields: Mapping[bytes, bytes]) -> str:
        return self.log.add(CHECKOUTS, fields)

    def given(self, checkout_id: str, *facts: CheckoutEvent) -> list[str]:
        """Facts of ours, at the end of the checkout's history; its positions."""
        for fact in facts:
            version = len(self.store.read(CHECKOUTS, [checkout_id])[0])
            new = NewEvent(event=fact, event_id=f"e{version + 1}")
            self.store.append(
                CHECKOUTS, [(Write(entity=checkout_id, expected_version=version, events=(new,)),)]
            )
        return [recorded.position for recorded in self.store.read(CHECKOUTS, [checkout_id])[0]]

    def tail_threads(self) -> int:
        name = f"tail of {CHECKOUTS}"
        return sum(thread.name == name for thread in threading.enumerate())
