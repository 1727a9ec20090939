"""Consumers of two groups, and the least that they do."""

from application.events.streams import CHECKOUTS
from application.ports.delivery import Delivery
from application.ports.event_bus import EventBus, Subscription
from tests.contracts.facts import entry, start_by_another_program
from tests.contracts.outside import Outside


def consumer(name: str = "one", group: str = "group-a", stream: str = CHECKOUTS) -> Subscription:
    return Subscription(stream=stream, group=group, consumer=name)


ONE, TWO = consumer("one"), consumer("two")
OTHER_GROUP = consumer("one", "group-b")


def write(outside: Outside, count: int, stream: str = CHECKOUTS) -> list[str]:
    """The positions of so many new entries."""
    return [outside.write(stream, entry("Fact", {"n": n})) for n in range(count)]


def take(bus: EventBus, subscription: Subscription, count: int = 100) -> list[str]:
    """The positions of what there is to receive now."""
    return [delivery.position for delivery in bus.receive(subscription, count=count, block_ms=0)]


def received_one(bus: EventBus, outside: Outside) -> Delivery:
    """A delivery that consumer one holds."""
    outside.write(CHECKOUTS, start_by_another_program())
    bus.join(ONE)
    (delivery,) = bus.receive(ONE, count=1, block_ms=0)
    return delivery
