"""EventStore: versions, known event ids, transactions."""

from collections.abc import Callable

import attrs
import pytest

from application.events.origin import NO_ORIGIN, Origin
from application.events.streams import CHECKOUTS, INVENTORY
from application.ports.event_store import Appended, Conflict, Duplicate, EventStore, Outcome
from application.ports.positions import parse
from tests.contracts.facts import CHECKOUT, ORIGIN, OTHER, at, failed, initiated, received, reserved
from tests.contracts.racing import at_once

ROUNDS = 10
RACERS = 4
BATCH = 1_000


def ids(store: EventStore, entity: str = CHECKOUT, stream: str = CHECKOUTS) -> list[tuple[int, str]]:
    """(version, event id) of everything that an entity has."""
    (history,) = store.read(stream, [entity])
    return [(recorded.version, recorded.event_id) for recorded in history]


def entries(store: EventStore, stream: str = CHECKOUTS) -> int:
    """How many entries lie in a stream."""
    return len(store.page(stream, count=1_000).entries)


class Appending:
    def test_an_entity_begins_at_version_0_and_each_event_adds_1(self, store: EventStore) -> None:
        outcomes = store.append(CHECKOUTS, [(at(0, initiated(), reserved()),), (at(2, failed()),)])

        assert [type(outcome) for outcome in outcomes] == [Appended, Appended]
        assert ids(store) == [(1, "initiated"), (2, "reserved"), (3, "failed")]

    @pytest.mark.parametrize("too_low_or_too_high", [0, 2])
    def test_a_wrong_version_writes_nothing(self, store: EventStore, too_low_or_too_high: int) -> None:
        store.append(CHECKOUTS, [(at(0, initiated()),)])

        outcomes = store.append(CHECKOUTS, [(at(too_low_or_too_high, reserved()),)])

        assert outcomes == [Conflict(CHECKOUT, 1)]
        assert ids(store) == [(1, "initiated")]
        assert entries(store) == 1

    def test_a_new_entity_may_not_be_taken_for_an_old_one(self, store: EventStore) -> None:
        assert store.append(CHECKOUTS, [(at(1, reserved()),)]) == [Conflict(CHECKOUT, 0)]
        assert entries(store) == 0

    @pytest.mark.parametrize("conflicting_first", [True, False])
    def test_one_conflicting_write_leaves_the_whole_transaction_out(
        self, store: EventStore, conflicting_first: bool
    ) -> None:
        store.append(CHECKOUTS, [(at(0, initiated()),)])
        writes = (at(0, initiated(OTHER)), at(0, failed()))

        outcomes = store.append(CHECKOUTS, [writes[::-1] if conflicting_first else writes])

        assert outcomes == [Conflict(CHECKOUT, 1)]
        assert (ids(store), ids(store, OTHER)) == ([(1, "initiated")], [])
        assert entries(store) == 1

    def test_a_transaction_over_several_entities_is_written_as_a_whole(self, store: EventStore) -> None:
        (outcome,) = store.append(CHECKOUTS, [(at(0, initiated()), at(0, initiated(OTHER), reserved(OTHER)))])

        assert isinstance(outcome, Appended)
        assert outcome.positions == tuple(entry.position for entry in store.page(CHECKOUTS, count=9).entries)
        assert (ids(store), ids(store, OTHER)) == ([(1, "initiated")], [(1, "initiated"), (2, "reserved")])

    def test_positions_grow_as_events_are_appended(self, store: EventStore) -> None:
        outcomes = store.append(CHECKOUTS, [(at(n, reserved(event_id=f"event-{n}")),) for n in range(20)])

        positions = [
            parse(p) for outcome in outcomes if isinstance(outcome, Appended) for p in outcome.positions
        ]
        assert len(positions) == 20
        assert positions == sorted(set(positions))

    def test_a_later_transaction_may_expect_the_version_an_earlier_one_makes(self, store: EventStore) -> None:
        outcomes = store.append(
            CHECKOUTS, [(at(0, initiated()),), (at(1, reserved()),), (at(1, failed()),), (at(2, failed()),)]
        )

        assert [type(outcome) for outcome in outcomes] == [Appended, Appended, Conflict, Appended]
        assert ids(store) == [(1, "initiated"), (2, "reserved"), (3, "failed")]

    def test_what_expects_the_version_of_a_transaction_that_was_left_out_is_left_out_too(
        self, store: EventStore
    ) -> None:
        outcomes = store.append(CHECKOUTS, [(at(1, initiated()),), (at(2, reserved()),), (at(0, failed()),)])

        assert outcomes[:2] == [Conflict(CHECKOUT, 0), Conflict(CHECKOUT, 0)]
        assert ids(store) == [(1, "failed")]

    def test_entities_of_different_streams_have_nothing_to_do_with_each_other(
        self, store: EventStore
    ) -> None:
        store.append(CHECKOUTS, [(at(0, initiated("same")),)])

        (outcome,) = store.append(INVENTORY, [(at(0, received("same")),)])

        assert isinstance(outcome, Appended)
        assert ids(store, "same", INVENTORY) == [(1, "received")]

    def test_events_keep_as_much_of_their_origin_as_is_known(self, store: EventStore) -> None:
        origins = [
            NO_ORIGIN,
            Origin(traceparent=ORIGIN.traceparent),
            Origin(correlation_id=ORIGIN.correlation_id),
            ORIGIN,
        ]
        events = [
            attrs.evolve(reserved(event_id=f"event-{n}"), origin=origin) for n, origin in enumerate(origins)
        ]

        store.append(CHECKOUTS, [(at(0, *events),)])

        ((*recorded,),) = store.read(CHECKOUTS, [CHECKOUT])
        assert [event.origin for event in recorded] == origins
        listed = store.page(CHECKOUTS, count=9).entries
        assert [(entry.traceparent, entry.correlation_id) for entry in listed] == [
            (origin.traceparent, origin.correlation_id) for origin in origins
        ]

    def test_nothing_to_append_is_no_trouble(self, store: EventStore) -> None:
        assert store.append(CHECKOUTS, []) == []
        assert store.append(CHECKOUTS, [()]) == [Appended(())]

    def test_a_thousand_transactions_go_in_one_call(self, store: EventStore) -> None:
        names = [f"checkout-{n}" for n in range(BATCH)]

        outcomes = store.append(CHECKOUTS, [(at(0, initiated(name)),) for name in names])

        assert len({outcome.positions for outcome in outcomes if isinstance(outcome, Appended)}) == BATCH
        assert [len(history) for history in store.read(CHECKOUTS, names)] == [1] * BATCH

    def test_of_several_writers_at_the_same_version_exactly_one_gets_through(self, store: EventStore) -> None:
        def write(version: int, racer: int) -> Callable[[], Outcome]:
            new = reserved(event_id=f"event-{version}-{racer}")
            return lambda: store.append(CHECKOUTS, [(at(version, new),)])[0]

        for version in range(ROUNDS):
            outcomes = at_once([write(version, racer) for racer in range(RACERS)])

            assert [type(outcome) for outcome in outcomes].count(Appended) == 1
            assert outcomes.count(Conflict(CHECKOUT, version + 1)) == RACERS - 1
        assert len(ids(store)) == entries(store) == ROUNDS


class KnownIds:
    def test_a_known_event_id_changes_nothing_and_gives_the_first_position(self, store: EventStore) -> None:
        (first,) = store.append(CHECKOUTS, [(at(0, initiated()),)])
        assert isinstance(first, Appended)

        assert store.append(CHECKOUTS, [(at(0, initiated()),)]) == [Duplicate(first.positions)]
        assert entries(store) == 1

    @pytest.mark.parametrize("expected", [0, 1, 7])
    def test_it_is_a_duplicate_whatever_version_was_expected(self, store: EventStore, expected: int) -> None:
        (first,) = store.append(CHECKOUTS, [(at(0, initiated()),)])
        assert isinstance(first, Appended)

        assert store.append(CHECKOUTS, [(at(expected, initiated()),)]) == [Duplicate(first.positions)]

    def test_the_first_outcome_wins_over_what_a_second_run_decided(self, store: EventStore) -> None:
        store.append(CHECKOUTS, [(at(0, initiated()),), (at(1, reserved(event_id="answer")),)])

        (outcome,) = store.append(CHECKOUTS, [(at(1, failed(event_id="answer")),)])

        assert isinstance(outcome, Duplicate)
        (history,) = store.read(CHECKOUTS, [CHECKOUT])
        assert [recorded.type for recorded in history] == ["CheckoutInitiated", "StockReserved"]

    def test_one_known_id_of_several_leaves_the_whole_transaction_out(self, store: EventStore) -> None:
        (first,) = store.append(CHECKOUTS, [(at(0, initiated()),)])
        assert isinstance(first, Appended)

        outcomes = store.append(
            CHECKOUTS, [(at(0, initiated(OTHER)), at(0, failed(), initiated(), reserved()))]
        )

        assert outcomes == [Duplicate(first.positions)]
        assert (ids(store), ids(store, OTHER)) == ([(1, "initiated")], [])
        assert entries(store) == 1

    def test_a_known_id_counts_before_a_conflict_of_another_entity(self, store: EventStore) -> None:
        store.append(CHECKOUTS, [(at(0, initiated()),)])

        (outcome,) = store.append(CHECKOUTS, [(at(5, failed(OTHER)), at(0, initiated()))])

        assert isinstance(outcome, Duplicate)

    def test_the_positions_of_all_known_ids_come_in_order(self, store: EventStore) -> None:
        (first,) = store.append(CHECKOUTS, [(at(0, initiated(), reserved()), at(0, initiated(OTHER)))])
        assert isinstance(first, Appended)

        (again,) = store.append(CHECKOUTS, [(at(0, initiated(), reserved()), at(0, initiated(OTHER)))])

        assert again == Duplicate(first.positions)

    def test_the_same_id_twice_in_one_call_is_written_once(self, store: EventStore) -> None:
        first, second = store.append(CHECKOUTS, [(at(0, initiated()),), (at(1, initiated()),)])

        assert isinstance(first, Appended)
        assert second == Duplicate(first.positions)

    def test_another_entity_may_have_an_event_with_the_same_id(self, store: EventStore) -> None:
        outcomes = store.append(CHECKOUTS, [(at(0, initiated()),), (at(0, initiated(OTHER)),)])

        assert [type(outcome) for outcome in outcomes] == [Appended, Appended]

    def test_of_several_runs_of_one_step_at_once_exactly_one_writes(self, store: EventStore) -> None:
        outcomes = at_once([lambda: store.append(CHECKOUTS, [(at(0, initiated()),)])[0]] * RACERS)

        (written,) = [outcome for outcome in outcomes if isinstance(outcome, Appended)]
        assert outcomes.count(Duplicate(written.positions)) == RACERS - 1
        assert entries(store) == 1
