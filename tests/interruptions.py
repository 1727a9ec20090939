"""An event store in which something happens at a chosen moment: the process dies, or others go first.

It is a store like any other, around another store. Its moments are numbered from 1: one before and one
after each call, so that a test can go through all of them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import attrs
from dependency_injector import providers

from application.events.recorded_event import RecordedEvent
from application.events.streams import CHECKOUTS
from application.ports.delivery import Delivery
from application.ports.event_bus import Subscription
from application.ports.event_store import EventStore, Outcome, Page, Transaction
from application.worker.handler import Handler
from application.worker.loop import Worker
from domain.checkout.saga import STEPS
from domain.inventory.stock_item import StockItem
from tests.shop import Shop

Answer = TypeVar("Answer")


class Crash(BaseException):
    """The process is gone: no `except` of the code in test may catch this."""


def crash() -> None:
    """Die here."""
    raise Crash


@attrs.frozen
class Moment:
    """Before or after ("before", "after") a call of the store, about one stream."""

    number: int
    when: str
    call: str
    stream: str

    def is_(self, when: str, call: str, stream: str) -> bool:
        return (self.when, self.call, self.stream) == (when, call, stream)


@attrs.define
class InterruptedStore(EventStore):
    """`store`, with `interruption` at the first moment that `at` accepts; `happened`: it came."""

    store: EventStore
    at: Callable[[Moment], bool]
    interruption: Callable[[], None] = crash
    happened: bool = False
    _moments: int = 0

    def _around(self, call: str, stream: str, answer: Callable[[], Answer]) -> Answer:
        self._moment("before", call, stream)
        answered = answer()
        self._moment("after", call, stream)
        return answered

    def _moment(self, when: str, call: str, stream: str) -> None:
        self._moments += 1
        if not self.happened and self.at(Moment(self._moments, when, call, stream)):
            self.happened = True
            self.interruption()

    def append(self, stream: str, transactions: Sequence[Transaction]) -> list[Outcome]:
        return self._around("append", stream, lambda: self.store.append(stream, transactions))

    def read(self, stream: str, entities: Sequence[str]) -> list[list[RecordedEvent]]:
        return self._around("read", stream, lambda: self.store.read(stream, entities))

    def versions(self, stream: str, entities: Sequence[str]) -> list[int]:
        return self._around("versions", stream, lambda: self.store.versions(stream, entities))

    def snapshots(self, stream: str, entities: Iterable[str]) -> Mapping[str, tuple[StockItem, int]]:
        return self._around("snapshots", stream, lambda: self.store.snapshots(stream, entities))

    def known_entities(self, stream: str, *, count: int) -> list[str]:
        return self._around("known_entities", stream, lambda: self.store.known_entities(stream, count=count))

    def find(self, stream: str, event_ids: Sequence[tuple[str, str]]) -> list[RecordedEvent | None]:
        return self._around("find", stream, lambda: self.store.find(stream, event_ids))

    def page(
        self,
        stream: str,
        *,
        count: int,
        after: str | None = None,
        newest_first: bool = False,
        type: str | None = None,
    ) -> Page:
        return self._around(
            "page",
            stream,
            lambda: self.store.page(stream, count=count, after=after, newest_first=newest_first, type=type),
        )


def quick_shop(shop: Shop | None = None) -> Shop:
    """A shop whose workers wait for nothing."""
    shop = shop or Shop()
    policy = attrs.evolve(shop.container.policy(), block_ms=0)
    shop.container.policy.override(providers.Object(policy))
    shop.workers = {name: worker_on(shop, name, consumer="c-1") for name in STEPS}
    return shop


def handler_on(shop: Shop, name: str, store: EventStore | None = None) -> Handler:
    """The step of worker `name`, working on `store`."""
    store = store or shop.store
    with (
        shop.container.event_store.override(providers.Object(store)),
        shop.container.event_reader.override(providers.Object(store)),
    ):
        shop.container.calls_at_once.reset()  # what a process remembers of its calls is its own
        handler: Handler = shop.container.handler(name)
        return handler


def worker_on(shop: Shop, name: str, *, consumer: str, store: EventStore | None = None) -> Worker:
    """Another process of worker `name`: its own consumer, and `store` instead of the shop's."""
    return Worker(
        shop.bus,
        Subscription(stream=CHECKOUTS, group=STEPS[name].group, consumer=consumer),
        handler_on(shop, name, store),
        clock=shop.clock,
        telemetry=shop.telemetry,
        policy=shop.container.policy(),
    )


def receive_for(shop: Shop, name: str, *, consumer: str) -> list[Delivery]:
    """What `consumer` of worker `name` gets next, not handled yet."""
    subscription = Subscription(stream=CHECKOUTS, group=STEPS[name].group, consumer=consumer)
    return shop.bus.receive(subscription, count=100, block_ms=0)


def later(shop: Shop) -> None:
    """So much time passes that every retry, claim and deadline has come; the workers see to them."""
    shop.run()
    for seconds in (31, 901, 31):
        shop.pass_time(seconds)
