"""EventBus: pending deliveries and claims."""

from application.events.streams import CHECKOUTS
from application.ports.event_bus import EventBus
from tests.contracts.consumers import ONE, TWO, received_one, take, write
from tests.contracts.facts import CHECKOUT
from tests.contracts.outside import Outside
from tests.contracts.racing import at_once

IDLE_MS = 60_000


class Claiming:
    def test_pending_deliveries_come_oldest_first_and_at_most_so_many(
        self, bus: EventBus, outside: Outside
    ) -> None:
        positions = write(outside, 5)
        bus.join(ONE)
        take(bus, ONE, 2)
        take(bus, TWO, 3)

        assert [pending.position for pending in bus.pending(ONE, count=4)] == positions[:4]

    def test_what_has_been_idle_long_enough_is_taken_over_as_a_new_attempt(
        self, bus: EventBus, outside: Outside
    ) -> None:
        delivery = received_one(bus, outside)
        outside.rest(ONE, delivery.position, IDLE_MS)
        (pending,) = bus.pending(TWO, count=10)
        assert IDLE_MS <= pending.idle_ms < 2 * IDLE_MS

        (claimed,) = bus.claim(TWO, [delivery.position], min_idle_ms=IDLE_MS)

        assert (claimed.position, claimed.attempt, claimed.type) == (
            delivery.position,
            2,
            "CheckoutInitiated",
        )
        assert claimed.open().entity == CHECKOUT
        (pending,) = bus.pending(ONE, count=10)
        assert (pending.consumer, pending.attempt) == ("two", 2)
        assert pending.idle_ms < IDLE_MS

    def test_what_has_not_been_idle_long_enough_is_left_alone(self, bus: EventBus, outside: Outside) -> None:
        delivery = received_one(bus, outside)
        outside.rest(ONE, delivery.position, IDLE_MS)

        assert bus.claim(TWO, [delivery.position], min_idle_ms=2 * IDLE_MS) == []

        (pending,) = bus.pending(ONE, count=10)
        assert (pending.consumer, pending.attempt) == ("one", 1)

    def test_every_claim_counts_as_an_attempt(self, bus: EventBus, outside: Outside) -> None:
        delivery = received_one(bus, outside)

        attempts = [bus.claim(ONE, [delivery.position], min_idle_ms=0)[0].attempt for _ in range(3)]

        assert attempts == [2, 3, 4]

    def test_of_several_that_claim_it_only_one_gets_it(self, bus: EventBus, outside: Outside) -> None:
        positions = write(outside, 20)
        bus.join(ONE)
        take(bus, ONE)
        for position in positions:
            outside.rest(ONE, position, IDLE_MS)

        shares = at_once([lambda: bus.claim(TWO, positions, min_idle_ms=IDLE_MS)] * 4)

        assert sorted(delivery.position for share in shares for delivery in share) == sorted(positions)
        assert {pending.attempt for pending in bus.pending(ONE, count=100)} == {2}

    def test_receiving_more_does_not_make_what_is_pending_look_fresh(
        self, bus: EventBus, outside: Outside
    ) -> None:
        delivery = received_one(bus, outside)
        outside.rest(ONE, delivery.position, IDLE_MS)

        write(outside, 2)
        for _ in range(3):
            take(bus, ONE, 1)

        assert bus.pending(ONE, count=10)[0].idle_ms >= IDLE_MS

    def test_what_is_not_pending_cannot_be_claimed(self, bus: EventBus, outside: Outside) -> None:
        (waiting,) = write(outside, 1)
        bus.join(ONE)

        assert bus.claim(ONE, [], min_idle_ms=0) == []
        assert bus.claim(ONE, [waiting, "1-1"], min_idle_ms=0) == []
        assert take(bus, TWO) == [waiting]

    def test_a_pending_entry_that_was_deleted_is_not_handed_over(
        self, bus: EventBus, outside: Outside
    ) -> None:
        first, gone, last = write(outside, 3)
        bus.join(ONE)
        take(bus, ONE)
        outside.delete(CHECKOUTS, gone)

        claimed = bus.claim(TWO, [first, gone, last], min_idle_ms=0)

        assert [delivery.position for delivery in claimed] == [first, last]
        assert [pending.position for pending in bus.pending(ONE, count=10)] == [first, last]

    def test_an_entry_that_was_deleted_before_it_was_handed_out_is_passed_by(
        self, bus: EventBus, outside: Outside
    ) -> None:
        first, gone, last = write(outside, 3)
        bus.join(ONE)
        outside.delete(CHECKOUTS, gone)

        assert take(bus, ONE) == [first, last]
