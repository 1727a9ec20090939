"""EventBus: what is in a delivery, and acknowledging it."""

import pytest

from adapters.codec.envelope import EnvelopeCodec, encode
from application.events.streams import CHECKOUTS
from application.ports.delivery import Heading
from application.ports.errors import MalformedEvent
from application.ports.event_bus import EventBus
from tests.contracts.consumers import ONE, OTHER_GROUP, TWO, take, write
from tests.contracts.facts import CHECKOUT, MALFORMED, initiated, start_by_another_program
from tests.contracts.outside import Outside


def refuse(*_args: object) -> None:
    raise AssertionError("decoded before it was opened")


def told(heading: Heading) -> tuple[object, ...]:
    return heading.type, heading.entity, heading.version, heading.recorded_at_s, heading.causation_id


class Unopened:
    def test_receiving_decodes_nothing(
        self, bus: EventBus, outside: Outside, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(EnvelopeCodec, "_payload", refuse)
        write(outside, 2)
        bus.join(ONE)

        first, _ = bus.receive(ONE, count=10, block_ms=0)

        with pytest.raises(AssertionError, match="decoded"):
            first.open()

    def test_the_heading_of_an_event_of_ours_says_what_the_event_does_and_decodes_nothing(
        self, bus: EventBus, outside: Outside, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        outside.write(CHECKOUTS, encode(initiated(), version=7, emitted_at_s=1.5))
        bus.join(ONE)
        (delivery,) = bus.receive(ONE, count=1, block_ms=0)
        event = delivery.open()

        monkeypatch.setattr(EnvelopeCodec, "_payload", refuse)

        assert told(delivery.heading()) == told(event)

    def test_the_heading_of_another_programs_event_is_read_from_inside(
        self, bus: EventBus, outside: Outside
    ) -> None:
        outside.write(CHECKOUTS, start_by_another_program())
        bus.join(ONE)
        (delivery,) = bus.receive(ONE, count=1, block_ms=0)

        heading = delivery.heading()

        assert (heading.entity, heading.version) == (CHECKOUT, 1)
        assert told(heading) == told(delivery.open())

    def test_an_event_of_a_schema_to_come_has_no_heading(self, bus: EventBus, outside: Outside) -> None:
        entry = encode(initiated(), version=1, emitted_at_s=1.5)
        outside.write(CHECKOUTS, {**entry, b"schema": b"99"})
        bus.join(ONE)
        (delivery,) = bus.receive(ONE, count=1, block_ms=0)

        with pytest.raises(MalformedEvent, match="schema"):
            delivery.heading()

    @pytest.mark.parametrize("wrong", MALFORMED)
    def test_what_is_no_event_has_no_heading(self, bus: EventBus, outside: Outside, wrong: str) -> None:
        outside.write(CHECKOUTS, MALFORMED[wrong])
        bus.join(ONE)
        (delivery,) = bus.receive(ONE, count=1, block_ms=0)

        with pytest.raises(MalformedEvent):
            delivery.heading()

    @pytest.mark.parametrize("wrong", MALFORMED)
    def test_an_entry_that_is_no_event_is_handed_over_like_any_other(
        self, bus: EventBus, outside: Outside, wrong: str
    ) -> None:
        (first,) = write(outside, 1)
        bad = outside.write(CHECKOUTS, MALFORMED[wrong])
        (last,) = write(outside, 1)
        bus.join(ONE)

        deliveries = bus.receive(ONE, count=10, block_ms=0)

        assert [delivery.position for delivery in deliveries] == [first, bad, last]
        assert deliveries[1].look().position == bad

    def test_an_unknown_type_is_told_and_a_missing_one_is_empty(
        self, bus: EventBus, outside: Outside
    ) -> None:
        for wrong in ("unknown type", "no type", "nothing known", "not UTF-8"):
            outside.write(CHECKOUTS, MALFORMED[wrong])
        bus.join(ONE)

        types = [delivery.type for delivery in bus.receive(ONE, count=10, block_ms=0)]

        assert types == ["Surprise", "", "", "CheckoutIniti\ufffd"]


class Acknowledging:
    def test_what_is_not_acknowledged_stays_pending_with_its_consumer(
        self, bus: EventBus, outside: Outside
    ) -> None:
        first, second, third = write(outside, 3)
        bus.join(ONE)
        take(bus, ONE, 1)
        take(bus, TWO)

        bus.acknowledge(TWO, [second])

        held = [
            (pending.position, pending.consumer, pending.attempt) for pending in bus.pending(ONE, count=9)
        ]
        assert held == [(first, "one", 1), (third, "two", 1)]

    def test_it_is_final(self, bus: EventBus, outside: Outside) -> None:
        positions = write(outside, 3)
        bus.join(ONE)
        take(bus, ONE)

        bus.acknowledge(ONE, positions)
        bus.acknowledge(ONE, positions)

        assert bus.pending(ONE, count=10) == []
        assert bus.claim(TWO, positions, min_idle_ms=0) == []
        assert take(bus, TWO) == []

    def test_it_concerns_one_group_only(self, bus: EventBus, outside: Outside) -> None:
        positions = write(outside, 1)
        for subscription in (ONE, OTHER_GROUP):
            bus.join(subscription)
            take(bus, subscription)

        bus.acknowledge(ONE, positions)

        assert [pending.position for pending in bus.pending(OTHER_GROUP, count=10)] == positions

    def test_nothing_to_acknowledge_is_no_trouble(self, bus: EventBus) -> None:
        bus.join(ONE)

        bus.acknowledge(ONE, [])
        bus.acknowledge(ONE, ["1-1"])
