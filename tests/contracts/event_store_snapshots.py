"""EventStore: snapshots."""

import pytest

from application.events.streams import CHECKOUTS, INVENTORY
from application.ports.event_store import Appended, Conflict, Duplicate, EventStore
from domain.inventory.stock_item import StockItem
from tests.contracts.facts import PRODUCT, at, failed, received

TEN = StockItem(units_received=10)
THIRTY = StockItem(units_received=30, units_held=7)
MANY = 250


class Snapshots:
    def test_an_entity_without_one_is_empty_at_version_0(self, store: EventStore) -> None:
        assert store.snapshots(INVENTORY, [PRODUCT]) == {PRODUCT: (StockItem(), 0)}
        assert store.snapshots(INVENTORY, []) == {}

    def test_it_moves_with_its_write(self, store: EventStore) -> None:
        store.append(INVENTORY, [(at(0, received(), snapshot=TEN),)])
        assert store.snapshots(INVENTORY, [PRODUCT]) == {PRODUCT: (TEN, 1)}

        again, third = received(units=15, event_id="again"), received(units=5, event_id="third")
        store.append(INVENTORY, [(at(1, again, third, snapshot=THIRTY),)])

        assert store.snapshots(INVENTORY, [PRODUCT]) == {PRODUCT: (THIRTY, 3)}

    def test_it_stays_where_its_write_is_refused(self, store: EventStore) -> None:
        store.append(INVENTORY, [(at(0, received(), snapshot=TEN),)])

        store.append(INVENTORY, [(at(0, received(event_id="late"), snapshot=THIRTY),)])
        store.append(INVENTORY, [(at(1, received(), snapshot=THIRTY),)])

        assert store.snapshots(INVENTORY, [PRODUCT]) == {PRODUCT: (TEN, 1)}

    def test_it_stays_where_another_write_of_the_transaction_is_refused(self, store: EventStore) -> None:
        refused = at(4, received("produit-2"), snapshot=THIRTY)

        store.append(INVENTORY, [(at(0, received(), snapshot=TEN), refused)])

        assert store.snapshots(INVENTORY, [PRODUCT, "produit-2"]) == {
            PRODUCT: (StockItem(), 0),
            "produit-2": (StockItem(), 0),
        }
        assert store.known_entities(INVENTORY, count=10) == []

    def test_a_write_without_one_leaves_none(self, store: EventStore) -> None:
        store.append(CHECKOUTS, [(at(0, failed()),)])

        assert store.known_entities(CHECKOUTS, count=10) == []

    def test_the_entities_that_have_one_are_listed_by_name(self, store: EventStore) -> None:
        names = [f"produit-{n:03}" for n in range(300)]
        store.append(INVENTORY, [(at(0, received(name), snapshot=TEN),) for name in reversed(names)])

        assert store.known_entities(INVENTORY, count=1_000) == names
        some = store.known_entities(INVENTORY, count=7)
        assert len(some) == 7
        assert some == sorted(set(some) & set(names))

    @pytest.mark.parametrize("between", [0, MANY])
    def test_one_made_as_if_a_transaction_that_was_left_out_had_been_written_is_refused(
        self, store: EventStore, between: int
    ) -> None:
        store.append(INVENTORY, [(at(0, received(), snapshot=TEN),)])
        store.append(INVENTORY, [(at(1, received(event_id="somebody else's"), snapshot=THIRTY),)])
        first = at(1, received(event_id="first"), snapshot=TEN)
        second = at(2, received(event_id="second"), snapshot=TEN)
        others = [(at(0, received(f"other-{n}"), snapshot=TEN),) for n in range(between)]

        outcomes = store.append(INVENTORY, [(first,), *others, (second,)])

        assert (outcomes[0], outcomes[-1]) == (Conflict(PRODUCT, 2), Conflict(PRODUCT, 2))
        assert store.snapshots(INVENTORY, [PRODUCT]) == {PRODUCT: (THIRTY, 2)}
        assert all(isinstance(outcome, Appended) for outcome in outcomes[1:-1])

    def test_so_is_one_that_follows_a_transaction_left_out_for_another_entity_or_a_known_id(
        self, store: EventStore
    ) -> None:
        store.append(INVENTORY, [(at(0, received(), snapshot=TEN), at(0, received("other"), snapshot=TEN))])
        left_out = (at(9, received(event_id="x")), at(0, received("other", event_id="x"), snapshot=TEN))
        known = (at(0, received(), snapshot=TEN),)

        outcomes = store.append(
            INVENTORY,
            [
                left_out,
                (at(1, received("other", event_id="second"), snapshot=THIRTY),),
                known,
                (at(1, received(event_id="second"), snapshot=THIRTY),),
            ],
        )

        assert [type(outcome) for outcome in outcomes] == [Conflict, Conflict, Duplicate, Conflict]
        assert outcomes[1] == Conflict("other", 1)
        assert store.snapshots(INVENTORY, [PRODUCT, "other"]) == {PRODUCT: (TEN, 1), "other": (TEN, 1)}

    def test_without_one_only_the_version_counts(self, store: EventStore) -> None:
        store.append(INVENTORY, [(at(0, received(), snapshot=TEN),)])

        outcomes = store.append(
            INVENTORY, [(at(0, received(event_id="late")),), (at(1, received(event_id="right")),)]
        )

        assert [type(outcome) for outcome in outcomes] == [Conflict, Appended]

    def test_the_next_call_may_write_what_was_left_out(self, store: EventStore) -> None:
        store.append(INVENTORY, [(at(0, received(), snapshot=TEN),)])
        again = at(1, received(event_id="again"), snapshot=THIRTY)
        store.append(INVENTORY, [(at(0, received(event_id="late"), snapshot=THIRTY),), (again,)])

        (outcome,) = store.append(INVENTORY, [(again,)])

        assert isinstance(outcome, Appended)
        assert store.snapshots(INVENTORY, [PRODUCT]) == {PRODUCT: (THIRTY, 2)}
