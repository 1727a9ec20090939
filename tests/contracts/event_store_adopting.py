"""EventStore with EventBus: facts that another program appended."""

import pytest

from adapters.inmemory.telemetry import RecordingTelemetry
from application.events.origin import NO_ORIGIN, Origin
from application.events.recorded_event import RecordedEvent
from application.events.streams import CHECKOUTS
from application.ports.errors import FactTooEarly, MalformedEvent
from application.ports.event_bus import EventBus, Subscription
from application.ports.event_store import Appended, Conflict, EventStore
from tests.contracts.event_store_appending import ids
from tests.contracts.facts import (
    CHECKOUT,
    CLIENT,
    MALFORMED,
    at,
    entry,
    failure_by_another_program,
    initiated,
    received,
    reserved,
    start_by_another_program,
)
from tests.contracts.outside import Outside
from tests.contracts.racing import at_once

GROUPS = ("checkout-reservation", "checkout-order", "checkout-audit", "checkout-cqrs")


def opened(bus: EventBus, group: str = GROUPS[0]) -> list[RecordedEvent]:
    """The events that a group has not seen yet, opened in order."""
    subscription = Subscription(stream=CHECKOUTS, group=group, consumer="one")
    bus.join(subscription)
    return [delivery.open() for delivery in bus.receive(subscription, count=100, block_ms=0)]


class Adopting:
    def test_a_foreign_start_becomes_the_first_event_of_its_checkout(
        self, store: EventStore, bus: EventBus, outside: Outside
    ) -> None:
        position = outside.write(CHECKOUTS, start_by_another_program())
        assert store.read(CHECKOUTS, [CHECKOUT]) == [[]]

        (event,) = opened(bus)

        assert (event.version, event.position, event.event_id) == (1, position, position)
        assert (event.entity, event.emitted_at_s) == (CHECKOUT, 1690000000.1)
        assert store.read(CHECKOUTS, [CHECKOUT]) == [[event]]
        assert store.find(CHECKOUTS, [(CHECKOUT, position)]) == [event]

    def test_every_group_and_every_attempt_sees_the_same_version(
        self, store: EventStore, bus: EventBus, outside: Outside
    ) -> None:
        outside.write(CHECKOUTS, start_by_another_program())
        outside.write(CHECKOUTS, failure_by_another_program())

        seen = [[event.version for event in opened(bus, group)] for group in GROUPS]

        assert seen == [[1, 2]] * len(GROUPS)
        assert len(ids(store)) == 2

    def test_it_is_adopted_once_however_many_open_it_at_once(
        self, store: EventStore, bus: EventBus, outside: Outside
    ) -> None:
        outside.write(CHECKOUTS, start_by_another_program())

        seen = at_once([lambda group=group: opened(bus, group) for group in GROUPS])  # type: ignore[misc]

        assert [[event.version for event in events] for events in seen] == [[1]] * len(GROUPS)
        assert len(ids(store)) == 1

    def test_it_is_told_as_published_the_first_time_only(
        self, bus: EventBus, outside: Outside, telemetry: RecordingTelemetry
    ) -> None:
        outside.write(CHECKOUTS, start_by_another_program())

        for group in GROUPS:
            opened(bus, group)

        assert telemetry.published_types == {"CheckoutInitiated": 1}

    def test_the_next_append_must_expect_the_version_it_made(
        self, store: EventStore, bus: EventBus, outside: Outside
    ) -> None:
        outside.write(CHECKOUTS, start_by_another_program())
        opened(bus)

        conflict, appended = store.append(CHECKOUTS, [(at(0, reserved()),), (at(1, reserved()),)])

        assert conflict == Conflict(CHECKOUT, 1)
        assert isinstance(appended, Appended)
        assert [version for version, _ in ids(store)] == [1, 2]

    def test_a_foreign_fact_takes_the_place_after_what_was_known(
        self, store: EventStore, bus: EventBus, outside: Outside
    ) -> None:
        store.append(CHECKOUTS, [(at(0, initiated()),)])
        position = outside.write(CHECKOUTS, failure_by_another_program())
        store.append(CHECKOUTS, [(at(1, reserved()),)])

        versions = {event.position: event.version for event in opened(bus)}

        assert versions[position] == 3
        assert ids(store) == [(1, "initiated"), (2, "reserved"), (3, position)]

    def test_a_fact_before_its_start_comes_too_early_and_changes_nothing(
        self, store: EventStore, bus: EventBus, outside: Outside
    ) -> None:
        outside.write(CHECKOUTS, failure_by_another_program())
        subscription = Subscription(stream=CHECKOUTS, group="audit", consumer="one")
        bus.join(subscription)
        (fact,) = bus.receive(subscription, count=10, block_ms=0)

        with pytest.raises(FactTooEarly) as refusal:
            fact.open()
        assert refusal.value.checkout_id == CHECKOUT
        assert store.read(CHECKOUTS, [CHECKOUT]) == [[]]

        outside.write(CHECKOUTS, start_by_another_program())
        (start,) = bus.receive(subscription, count=10, block_ms=0)
        assert [start.open().version, fact.open().version] == [1, 2]
        ((first, second),) = store.read(CHECKOUTS, [CHECKOUT])
        assert [first.type, second.type] == ["CheckoutInitiated", "StockReservationFailed"]

    def test_what_is_known_of_a_foreign_event_is_all_that_is_said(
        self, bus: EventBus, outside: Outside
    ) -> None:
        outside.write(CHECKOUTS, start_by_another_program())

        (event,) = opened(bus)

        assert (event.causation_id, event.origin) == (None, NO_ORIGIN)
        assert getattr(event.event, "client_id", None) == CLIENT

    def test_a_foreign_event_may_say_where_it_comes_from(self, bus: EventBus, outside: Outside) -> None:
        outside.write(CHECKOUTS, {**start_by_another_program(), b"correlation_id": b"basket-7"})

        (event,) = opened(bus)

        assert event.origin == Origin(correlation_id="basket-7")

    @pytest.mark.parametrize("wrong", MALFORMED)
    def test_what_is_no_event_is_never_adopted(
        self, store: EventStore, bus: EventBus, outside: Outside, wrong: str
    ) -> None:
        outside.write(CHECKOUTS, MALFORMED[wrong])

        with pytest.raises(MalformedEvent):
            opened(bus)

        assert store.read(CHECKOUTS, [CHECKOUT]) == [[]]

    def test_a_cart_that_the_rules_forbid_is_no_event(
        self, store: EventStore, bus: EventBus, outside: Outside
    ) -> None:
        panier = {"produits": [{"produit_id": "p", "quantite": -1}]}
        payload = {"checkout_id": CHECKOUT, "client_id": CLIENT, "panier": panier}
        outside.write(CHECKOUTS, entry("CheckoutInitiated", payload))

        with pytest.raises(MalformedEvent, match="quantite"):
            opened(bus)

        assert store.read(CHECKOUTS, [CHECKOUT]) == [[]]

    def test_our_own_events_are_opened_as_they_were_written(self, store: EventStore, bus: EventBus) -> None:
        store.append(CHECKOUTS, [(at(0, initiated(), reserved()),)])
        (history,) = store.read(CHECKOUTS, [CHECKOUT])

        assert opened(bus) == history

    def test_an_event_that_was_deleted_leaves_a_gap_in_its_history(
        self, store: EventStore, outside: Outside
    ) -> None:
        (outcome,) = store.append(CHECKOUTS, [(at(0, initiated(), reserved()),)])
        assert isinstance(outcome, Appended)
        outside.delete(CHECKOUTS, outcome.positions[0])

        assert ids(store) == [(2, "reserved")]
        assert store.find(CHECKOUTS, [(CHECKOUT, "initiated")]) == [None]
        assert store.append(CHECKOUTS, [(at(1, received(CHECKOUT)),)]) == [Conflict(CHECKOUT, 2)]
