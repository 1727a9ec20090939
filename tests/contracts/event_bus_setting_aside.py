"""EventBus: dead letters."""

from application.events.streams import CHECKOUTS
from application.ports.event_bus import DeadLetter, EventBus
from tests.contracts.consumers import ONE, OTHER_GROUP, TWO, received_one, take
from tests.contracts.facts import entry, start_by_another_program
from tests.contracts.outside import Outside
from tests.contracts.racing import at_once

WHY = DeadLetter(
    reason="no stock record \u2603",
    attempts=5,
    first_error="ConnectionError: away",
    last_error="ValueError: wrong",
    traceback="Traceback (most recent call last):\n  ...\nValueError: wrong\n",
)


class SettingAside:
    def test_a_dead_letter_keeps_the_reason_the_history_and_the_entry(
        self, bus: EventBus, outside: Outside
    ) -> None:
        delivery = received_one(bus, outside)

        bus.set_aside(ONE, delivery, WHY)

        (kept,) = outside.dead_letters(CHECKOUTS)
        assert (kept.group, kept.position, kept.why) == (ONE.group, delivery.position, WHY)
        assert kept.original == start_by_another_program()

    def test_it_is_acknowledged_in_the_same_step_and_counted(self, bus: EventBus, outside: Outside) -> None:
        delivery = received_one(bus, outside)
        assert bus.backlog(ONE).dead_letters == 0

        bus.set_aside(ONE, delivery, WHY)

        assert bus.pending(ONE, count=10) == []
        assert bus.claim(TWO, [delivery.position], min_idle_ms=0) == []
        assert bus.backlog(ONE).dead_letters == 1

    def test_done_twice_it_is_kept_once(self, bus: EventBus, outside: Outside) -> None:
        delivery = received_one(bus, outside)

        at_once([lambda: bus.set_aside(ONE, delivery, WHY)] * 3)
        bus.set_aside(TWO, delivery, WHY)

        assert len(outside.dead_letters(CHECKOUTS)) == 1
        assert bus.backlog(ONE).dead_letters == 1

    def test_what_was_acknowledged_is_not_set_aside(self, bus: EventBus, outside: Outside) -> None:
        delivery = received_one(bus, outside)
        bus.acknowledge(ONE, [delivery.position])

        bus.set_aside(ONE, delivery, WHY)

        assert outside.dead_letters(CHECKOUTS) == []

    def test_each_group_has_its_own(self, bus: EventBus, outside: Outside) -> None:
        delivery = received_one(bus, outside)
        bus.join(OTHER_GROUP)
        take(bus, OTHER_GROUP)

        bus.set_aside(ONE, delivery, WHY)

        assert len(bus.pending(OTHER_GROUP, count=10)) == 1
        assert bus.backlog(OTHER_GROUP).dead_letters == 0
        bus.set_aside(OTHER_GROUP, delivery, WHY)
        assert [kept.group for kept in outside.dead_letters(CHECKOUTS)] == [ONE.group, OTHER_GROUP.group]

    def test_an_entry_that_was_deleted_leaves_a_dead_letter_all_the_same(
        self, bus: EventBus, outside: Outside
    ) -> None:
        delivery = received_one(bus, outside)
        outside.delete(CHECKOUTS, delivery.position)

        bus.set_aside(ONE, delivery, WHY)

        (kept,) = outside.dead_letters(CHECKOUTS)
        assert (kept.position, kept.why, kept.original) == (delivery.position, WHY, {})
        assert bus.pending(ONE, count=10) == []

    def test_an_entry_of_very_many_fields_is_set_aside_too(self, bus: EventBus, outside: Outside) -> None:
        fields = {b"type": b"Fact", **{b"field-%d" % n: b"x" for n in range(10_000)}}
        outside.write(CHECKOUTS, fields)
        bus.join(ONE)
        (delivery,) = bus.receive(ONE, count=1, block_ms=0)

        bus.set_aside(ONE, delivery, WHY)

        (kept,) = outside.dead_letters(CHECKOUTS)
        assert kept.original[b"type"] == b"Fact"
        assert bus.pending(ONE, count=10) == []

    def test_a_very_long_history_keeps_its_end(self, bus: EventBus, outside: Outside) -> None:
        delivery = received_one(bus, outside)
        trace = "  a line\n" * 100_000 + "ValueError: wrong\n"

        why = DeadLetter(reason="r", attempts=1, first_error="", last_error="x" * 10**6, traceback=trace)
        bus.set_aside(ONE, delivery, why)

        (kept,) = outside.dead_letters(CHECKOUTS)
        assert kept.why.traceback.endswith("ValueError: wrong\n")
        assert kept.why.last_error.startswith("xxx")

    def test_an_error_that_is_no_proper_text_is_kept_all_the_same(
        self, bus: EventBus, outside: Outside
    ) -> None:
        outside.write(CHECKOUTS, entry("Fact", {}))
        bus.join(ONE)
        (delivery,) = bus.receive(ONE, count=1, block_ms=0)
        odd = "no such file: caf\udce9"

        bus.set_aside(ONE, delivery, DeadLetter(reason=odd, attempts=1, first_error=odd, last_error=odd))

        (kept,) = outside.dead_letters(CHECKOUTS)
        assert kept.why.reason.startswith("no such file: caf")
