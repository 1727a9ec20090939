"""EventBus: groups and receiving."""

import time
from collections import Counter
from threading import Timer

from application.events.streams import CHECKOUTS, INVENTORY
from application.ports.event_bus import EventBus
from tests.contracts.consumers import ONE, OTHER_GROUP, TWO, consumer, take, write
from tests.contracts.facts import entry
from tests.contracts.outside import Outside
from tests.contracts.racing import at_once
from tests.waiting import eventually

LONG_MS = 5_000
SOON_S = LONG_MS / 1000 / 2
RACERS = 4
ENTRIES = 500


class Receiving:
    WAITS: bool
    """Whether `receive` waits at all for what has not arrived yet."""

    def test_a_new_group_begins_with_what_was_there_before_it(self, bus: EventBus, outside: Outside) -> None:
        before = write(outside, 3)

        bus.join(ONE)
        after = write(outside, 2)

        assert take(bus, ONE) == before + after

    def test_every_group_sees_every_event(self, bus: EventBus, outside: Outside) -> None:
        positions = write(outside, 5)
        bus.join(ONE)
        bus.join(OTHER_GROUP)

        assert take(bus, ONE) == positions
        bus.acknowledge(ONE, positions)
        assert take(bus, OTHER_GROUP) == positions

    def test_what_is_done_is_acknowledged_with_the_next_read(self, bus: EventBus, outside: Outside) -> None:
        write(outside, 3)
        bus.join(ONE)
        first, second, third = take(bus, ONE)
        (fourth,) = write(outside, 1)

        deliveries = bus.receive(ONE, count=10, block_ms=0, done=[first, third])

        assert [delivery.position for delivery in deliveries] == [fourth]
        assert [left.position for left in bus.pending(ONE, count=10)] == [second, fourth]

    def test_what_is_done_is_acknowledged_before_the_wait(self, bus: EventBus, outside: Outside) -> None:
        write(outside, 2)
        bus.join(ONE)
        done = take(bus, ONE)

        def acknowledged() -> None:
            eventually(lambda: bus.pending(ONE, count=10) == [], SOON_S)
            write(outside, 1)

        def received() -> None:
            bus.receive(ONE, count=10, block_ms=LONG_MS, done=done)

        began_s = time.monotonic()
        at_once([received, acknowledged])
        assert time.monotonic() - began_s < SOON_S

    def test_a_group_that_vanished_before_what_is_done_was_acknowledged_is_joined_again(
        self, bus: EventBus, outside: Outside
    ) -> None:
        positions = write(outside, 2)
        bus.join(ONE)
        done = take(bus, ONE)
        outside.lose_group(CHECKOUTS, ONE.group)

        deliveries = bus.receive(ONE, count=10, block_ms=0, done=done)

        assert [delivery.position for delivery in deliveries] == positions

    def test_consumers_of_a_group_share_its_events(self, bus: EventBus, outside: Outside) -> None:
        positions = write(outside, 5)
        bus.join(ONE)
        bus.join(TWO)

        assert take(bus, ONE, 2) == positions[:2]
        assert take(bus, TWO, 2) == positions[2:4]
        assert take(bus, ONE, 2) == positions[4:]

    def test_joining_again_moves_nothing(self, bus: EventBus, outside: Outside) -> None:
        first, second = write(outside, 2)
        bus.join(ONE)
        take(bus, ONE, 1)
        bus.save_checkpoint(ONE)

        bus.join(ONE)
        bus.join(TWO)

        assert take(bus, ONE) == [second]
        assert [pending.position for pending in bus.pending(ONE, count=10)] == [first, second]

    def test_streams_are_apart(self, bus: EventBus, outside: Outside) -> None:
        elsewhere = consumer(stream=INVENTORY)
        bus.join(ONE)
        bus.join(elsewhere)

        positions = write(outside, 2, INVENTORY)

        assert (take(bus, ONE), take(bus, elsewhere)) == ([], positions)

    def test_a_group_may_be_joined_before_the_stream_has_an_entry(
        self, bus: EventBus, outside: Outside
    ) -> None:
        bus.join(ONE)
        assert take(bus, ONE) == []

        assert take(bus, ONE) == [] != (later := write(outside, 1))
        assert take(bus, ONE) == later

    def test_at_most_so_many_come_at_once(self, bus: EventBus, outside: Outside) -> None:
        positions = write(outside, 7)
        bus.join(ONE)

        assert [len(take(bus, ONE, 3)) for _ in range(4)] == [3, 3, 1, 0]
        assert len(bus.pending(ONE, count=100)) == len(positions)

    def test_a_first_delivery_is_attempt_1_of_an_entry_of_known_age(
        self, bus: EventBus, outside: Outside
    ) -> None:
        position = outside.write(CHECKOUTS, entry("Fact", {}), age_s=60.0)
        bus.join(ONE)

        (delivery,) = bus.receive(ONE, count=10, block_ms=0)

        assert (delivery.position, delivery.attempt, delivery.type) == (position, 1, "Fact")
        assert 59.5 < delivery.age_s < 65

    def test_it_waits_no_longer_than_it_is_told(self, bus: EventBus) -> None:
        bus.join(ONE)
        begin_s = time.monotonic()

        assert bus.receive(ONE, count=1, block_ms=30) == []

        assert (0.025 if self.WAITS else 0) < time.monotonic() - begin_s < SOON_S

    def test_it_stops_waiting_when_something_arrives(self, bus: EventBus, outside: Outside) -> None:
        bus.join(ONE)
        begin_s = time.monotonic()
        timer = Timer(0.03, write, (outside, 1))
        timer.start()

        assert eventually(lambda: bus.receive(ONE, count=10, block_ms=LONG_MS))

        assert time.monotonic() - begin_s < SOON_S
        timer.join()

    def test_what_arrives_on_another_stream_does_not_end_the_wait(
        self, bus: EventBus, outside: Outside
    ) -> None:
        bus.join(ONE)
        timers = [Timer(0.01, write, (outside, 1, INVENTORY)), Timer(0.06, write, (outside, 1))]
        for timer in timers:
            timer.start()

        answers = [bus.receive(ONE, count=10, block_ms=LONG_MS)]
        while not answers[-1]:
            answers.append(bus.receive(ONE, count=10, block_ms=LONG_MS))

        assert len(answers) == 1 or not self.WAITS
        for timer in timers:
            timer.join()

    def test_several_consumers_at_once_get_each_event_exactly_once(
        self, bus: EventBus, outside: Outside
    ) -> None:
        positions = write(outside, ENTRIES)
        bus.join(ONE)

        def work(name: str) -> list[str]:
            taken: list[str] = []
            while batch := take(bus, consumer(name), 7):
                bus.acknowledge(consumer(name), batch)
                taken += batch
            return taken

        shares = at_once([lambda name=f"racer-{n}": work(name) for n in range(RACERS)])  # type: ignore[misc]

        assert Counter(position for share in shares for position in share) == Counter(positions)
        assert bus.pending(ONE, count=10) == []
