"""EventBus: consumers that are gone."""

from functools import partial

from application.events.streams import CHECKOUTS
from application.ports.event_bus import EventBus
from tests.contracts.consumers import ONE, OTHER_GROUP, TWO, consumer, take, write
from tests.contracts.outside import Outside
from tests.contracts.racing import at_once

HOUR_MS = 3_600_000


class Forgetting:
    def test_a_consumer_that_holds_nothing_is_forgotten_once(self, bus: EventBus, outside: Outside) -> None:
        write(outside, 2)
        bus.join(ONE)
        for subscription in (ONE, TWO):
            bus.acknowledge(subscription, take(bus, subscription, 1))

        assert bus.forget_idle_consumers(ONE, 0) == ["two"]
        assert bus.forget_idle_consumers(ONE, 0) == []

    def test_one_that_was_heard_of_lately_is_not(self, bus: EventBus, outside: Outside) -> None:
        write(outside, 1)
        bus.join(ONE)
        bus.acknowledge(TWO, take(bus, TWO))

        assert bus.forget_idle_consumers(ONE, HOUR_MS) == []

    def test_the_one_that_asks_never_is(self, bus: EventBus, outside: Outside) -> None:
        write(outside, 1)
        bus.join(ONE)
        bus.acknowledge(ONE, take(bus, ONE))

        assert bus.forget_idle_consumers(ONE, 0) == []
        assert bus.forget_idle_consumers(TWO, 0) == ["one"]

    def test_one_that_holds_something_is_kept_until_another_has_taken_it_over(
        self, bus: EventBus, outside: Outside
    ) -> None:
        positions = write(outside, 2)
        bus.join(ONE)
        take(bus, TWO)

        assert bus.forget_idle_consumers(ONE, 0) == []

        assert [pending.position for pending in bus.pending(ONE, count=10)] == positions
        assert [delivery.position for delivery in bus.claim(ONE, positions, min_idle_ms=0)] == positions
        assert bus.forget_idle_consumers(ONE, 0) == ["two"]
        assert len(bus.pending(ONE, count=10)) == 2

    def test_one_that_comes_back_goes_on(self, bus: EventBus, outside: Outside) -> None:
        bus.join(ONE)
        write(outside, 1)
        bus.acknowledge(TWO, take(bus, TWO))
        bus.forget_idle_consumers(ONE, 0)
        later = write(outside, 1)

        assert take(bus, TWO) == later
        assert [pending.consumer for pending in bus.pending(ONE, count=10)] == ["two"]

    def test_nothing_is_lost_to_one_that_is_forgotten_while_it_receives(
        self, bus: EventBus, outside: Outside
    ) -> None:
        positions = write(outside, 40)
        bus.join(ONE)

        def receive(name: str) -> list[str]:
            return [position for _ in range(10) for position in take(bus, consumer(name), 1)]

        def forget() -> list[str]:
            for _ in range(20):
                bus.forget_idle_consumers(ONE, 0)
            return []

        receiving = [partial(receive, f"racer-{n}") for n in range(3)]
        taken = at_once([partial(forget), *receiving])

        handed_out = sorted(position for some in taken for position in some)
        pending = {found.position for found in bus.pending(ONE, count=100)}
        assert len(handed_out) == len(set(handed_out)) == 30
        assert pending == set(handed_out) <= set(positions)

    def test_each_group_has_its_own(self, bus: EventBus, outside: Outside) -> None:
        write(outside, 1)
        for subscription in (ONE, OTHER_GROUP):
            bus.join(subscription)
            bus.acknowledge(subscription, take(bus, subscription))

        assert bus.forget_idle_consumers(TWO, 0) == ["one"]
        assert bus.forget_idle_consumers(consumer("two", OTHER_GROUP.group), 0) == ["one"]

    def test_a_group_or_a_stream_that_is_not_there_has_none(self, bus: EventBus, outside: Outside) -> None:
        assert bus.forget_idle_consumers(ONE, 0) == []
        write(outside, 1)
        assert bus.forget_idle_consumers(ONE, 0) == []
        take(bus, ONE)
        outside.lose_group(CHECKOUTS, ONE.group)

        assert bus.forget_idle_consumers(TWO, 0) == []
        assert len(take(bus, ONE)) == 1
