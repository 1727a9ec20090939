"""EventBus: attempts that do not count."""

from application.ports.event_bus import EventBus
from tests.contracts.consumers import ONE, OTHER_GROUP, TWO, received_one
from tests.contracts.outside import Outside

IDLE_MS = 60_000


class Forgiving:
    def test_a_forgiven_attempt_does_not_count(self, bus: EventBus, outside: Outside) -> None:
        delivery = received_one(bus, outside)
        bus.forgive(ONE, [delivery])
        attempts = []

        for _ in range(3):
            (claimed,) = bus.claim(ONE, [delivery.position], min_idle_ms=0)
            attempts.append(claimed.attempt)
            bus.forgive(ONE, [claimed])
        (claimed,) = bus.claim(ONE, [delivery.position], min_idle_ms=0)
        bus.claim(ONE, [delivery.position], min_idle_ms=0)

        assert attempts == [1, 1, 1]
        assert [pending.attempt for pending in bus.pending(ONE, count=10)] == [2]

    def test_what_is_forgiven_stays_with_its_consumer_and_idle(self, bus: EventBus, outside: Outside) -> None:
        delivery = received_one(bus, outside)
        outside.rest(ONE, delivery.position, IDLE_MS)

        bus.forgive(ONE, [delivery])

        (pending,) = bus.pending(TWO, count=10)
        assert (pending.consumer, pending.attempt) == (ONE.consumer, 0)
        assert IDLE_MS <= pending.idle_ms < 2 * IDLE_MS

    def test_an_attempt_is_forgiven_once(self, bus: EventBus, outside: Outside) -> None:
        delivery = received_one(bus, outside)
        (claimed,) = bus.claim(ONE, [delivery.position], min_idle_ms=0)

        for _ in range(3):
            bus.forgive(ONE, [claimed])

        assert [pending.attempt for pending in bus.pending(ONE, count=10)] == [1]

    def test_an_earlier_attempt_is_not_forgiven(self, bus: EventBus, outside: Outside) -> None:
        """Not even to the same consumer, which may have been started again."""
        delivery = received_one(bus, outside)
        bus.claim(ONE, [delivery.position], min_idle_ms=0)

        bus.forgive(ONE, [delivery])

        assert [pending.attempt for pending in bus.pending(ONE, count=10)] == [2]

    def test_what_another_consumer_holds_is_left_alone(self, bus: EventBus, outside: Outside) -> None:
        delivery = received_one(bus, outside)
        (claimed,) = bus.claim(TWO, [delivery.position], min_idle_ms=0)

        bus.forgive(ONE, [claimed])

        (pending,) = bus.pending(ONE, count=10)
        assert (pending.consumer, pending.attempt) == (TWO.consumer, 2)

    def test_what_is_not_pending_is_left_alone(self, bus: EventBus, outside: Outside) -> None:
        delivery = received_one(bus, outside)
        bus.acknowledge(ONE, [delivery.position])

        bus.forgive(ONE, [])
        bus.forgive(ONE, [delivery])
        bus.forgive(OTHER_GROUP, [delivery])  # which does not even exist

        assert bus.pending(ONE, count=10) == []
