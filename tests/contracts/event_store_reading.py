"""EventStore: histories, single events, snapshots."""

from decimal import Decimal

import pytest

from adapters.inmemory.clock import FakeClock
from application.events.origin import NO_ORIGIN
from application.events.recorded_event import RecordedEvent
from application.events.streams import CHECKOUTS, INVENTORY
from application.ports.event_store import Appended, Duplicate, EventStore
from application.ports.positions import recorded_at_s
from domain.cart import PRICE_MAX, Cart, Line
from domain.checkout.events import CheckoutInitiated
from domain.inventory.stock_item import StockItem
from tests.contracts.facts import (
    CAUSE,
    CHECKOUT,
    ORIGIN,
    OTHER,
    PRODUCT,
    at,
    initiated,
    received,
    reserved,
)

TEN = StockItem(units_received=10)
THIRTY = StockItem(units_received=30, units_held=7)


class Reading:
    def test_an_event_is_read_back_with_its_envelope(self, store: EventStore, clock: FakeClock) -> None:
        (outcome,) = store.append(CHECKOUTS, [(at(0, initiated()),)])
        assert isinstance(outcome, Appended)
        (position,) = outcome.positions

        assert store.read(CHECKOUTS, [CHECKOUT]) == [
            [
                RecordedEvent(
                    event=initiated().event,
                    stream=CHECKOUTS,
                    entity=CHECKOUT,
                    version=1,
                    position=position,
                    event_id="initiated",
                    emitted_at_s=clock.now_s(),
                    recorded_at_s=recorded_at_s(position),
                    causation_id=CAUSE,
                    origin=ORIGIN,
                )
            ]
        ]

    def test_what_has_no_cause_and_no_trace_says_so(self, store: EventStore) -> None:
        store.append(CHECKOUTS, [(at(0, reserved()),)])

        ((recorded,),) = store.read(CHECKOUTS, [CHECKOUT])

        assert (recorded.causation_id, recorded.origin) == (None, NO_ORIGIN)

    @pytest.mark.parametrize(
        "price", ["0", "0.0001", "0.1", "0.3", "19.99", "1234567.8901", "9007199254.7409", str(PRICE_MAX)]
    )
    def test_a_price_comes_back_exactly(self, store: EventStore, price: str) -> None:
        cart = Cart.of([Line(produit_id=PRODUCT, units=3, unit_price=Decimal(price), name="Thé vert \u2603")])
        store.append(CHECKOUTS, [(at(0, initiated(cart=cart)),)])

        ((recorded,),) = store.read(CHECKOUTS, [CHECKOUT])

        assert isinstance(recorded.event, CheckoutInitiated)
        assert recorded.event.cart == cart
        assert recorded.event.cart.total == 3 * Decimal(price)

    def test_an_unknown_entity_has_no_events(self, store: EventStore) -> None:
        assert store.read(CHECKOUTS, ["nobody"]) == [[]]
        assert store.read(CHECKOUTS, []) == []

    def test_many_histories_come_in_the_order_asked_for(self, store: EventStore) -> None:
        names = [f"checkout-{n}" for n in range(50)]
        store.append(CHECKOUTS, [(at(0, initiated(name)),) for name in names])
        store.append(CHECKOUTS, [(at(1, reserved(name)),) for name in names[::2]])
        asked = [*reversed(names), "nobody", names[0]]

        histories = store.read(CHECKOUTS, asked)

        assert [{recorded.entity for recorded in history} for history in histories] == [
            {name} if name != "nobody" else set() for name in asked
        ]
        assert [len(history) for history in histories] == [1, 2] * 25 + [0, 2]

    def test_versions_are_the_lengths_of_the_histories(self, store: EventStore) -> None:
        store.append(CHECKOUTS, [(at(0, initiated(), reserved()),), (at(0, initiated(OTHER)),)])

        assert store.versions(CHECKOUTS, [OTHER, "nobody", CHECKOUT]) == [1, 0, 2]
        assert store.versions(CHECKOUTS, []) == []

    def test_a_long_history_comes_by_version(self, store: EventStore) -> None:
        store.append(CHECKOUTS, [(at(n, reserved(event_id=f"event-{n}")),) for n in range(200)])

        (history,) = store.read(CHECKOUTS, [CHECKOUT])

        assert [recorded.version for recorded in history] == list(range(1, 201))
        assert [recorded.event_id for recorded in history] == [f"event-{n}" for n in range(200)]


class Finding:
    def test_an_entitys_event_is_found_by_its_id(self, store: EventStore) -> None:
        store.append(CHECKOUTS, [(at(0, initiated(), reserved()),), (at(0, initiated(OTHER)),)])
        (history,) = store.read(CHECKOUTS, [CHECKOUT])

        found = store.find(
            CHECKOUTS,
            [(CHECKOUT, "reserved"), (OTHER, "reserved"), ("nobody", "reserved"), (CHECKOUT, "initiated")],
        )

        assert found == [history[1], None, None, history[0]]

    def test_an_id_may_begin_with_its_entitys(self, store: EventStore) -> None:
        new = reserved(event_id=f"{CHECKOUT}.1r")
        (first,) = store.append(CHECKOUTS, [(at(0, new),)])
        stock = received(event_id=f"{PRODUCT}.1r")
        store.append(INVENTORY, [(at(0, stock),)])

        ((recorded,),) = store.read(CHECKOUTS, [CHECKOUT])
        assert recorded.event_id == new.event_id
        assert store.find(CHECKOUTS, [(CHECKOUT, new.event_id), (OTHER, new.event_id)]) == [recorded, None]
        assert isinstance(first, Appended)
        assert store.append(CHECKOUTS, [(at(1, new),)]) == [Duplicate(first.positions)]
        assert [found and found.event_id for found in store.find(INVENTORY, [(PRODUCT, stock.event_id)])] == [
            stock.event_id
        ]

    def test_nothing_is_found_where_nothing_is_sought(self, store: EventStore) -> None:
        assert store.find(CHECKOUTS, []) == []
