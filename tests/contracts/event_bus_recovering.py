"""EventBus: checkpoints, groups that vanish, and what is before a group."""

from collections.abc import Callable

import pytest

from adapters.inmemory.telemetry import RecordingTelemetry
from application.events.streams import CHECKOUTS
from application.ports.event_bus import Backlog, EventBus
from tests.contracts.consumers import ONE, OTHER_GROUP, TWO, take, write
from tests.contracts.event_bus_setting_aside import WHY
from tests.contracts.facts import entry
from tests.contracts.outside import Outside


class Vanishing:
    def test_a_group_that_has_vanished_comes_back_where_its_checkpoint_says(
        self, bus: EventBus, outside: Outside
    ) -> None:
        positions = write(outside, 5)
        bus.join(ONE)
        bus.acknowledge(ONE, take(bus, ONE, 3))
        bus.save_checkpoint(ONE)

        outside.lose_group(CHECKOUTS, ONE.group)

        assert take(bus, ONE) == positions[3:]

    def test_a_group_that_is_made_is_told_of_with_the_place_after_which_it_begins(
        self, bus: EventBus, outside: Outside, telemetry: RecordingTelemetry
    ) -> None:
        positions = write(outside, 3)
        bus.join(ONE)
        bus.join(ONE)
        bus.acknowledge(ONE, take(bus, ONE, 2))
        bus.save_checkpoint(ONE)

        outside.lose_group(CHECKOUTS, ONE.group)
        take(bus, ONE)

        assert telemetry.groups_made == [(ONE.group, "0-0"), (ONE.group, positions[1])]

    def test_the_checkpoint_stays_below_what_is_pending(self, bus: EventBus, outside: Outside) -> None:
        positions = write(outside, 5)
        bus.join(ONE)
        take(bus, ONE)
        bus.acknowledge(ONE, [*positions[:2], *positions[3:]])
        bus.save_checkpoint(ONE)

        outside.lose_group(CHECKOUTS, ONE.group)

        assert take(bus, ONE) == positions[2:]

    def test_without_a_checkpoint_it_comes_back_at_the_beginning(
        self, bus: EventBus, outside: Outside
    ) -> None:
        positions = write(outside, 3)
        bus.join(ONE)
        bus.acknowledge(ONE, take(bus, ONE))

        outside.lose_group(CHECKOUTS, ONE.group)

        assert take(bus, ONE) == positions

    @pytest.mark.parametrize("pending", [False, True])
    def test_a_checkpoint_never_moves_back(self, bus: EventBus, outside: Outside, pending: bool) -> None:
        write(outside, 5)
        bus.join(ONE)
        bus.acknowledge(ONE, take(bus, ONE))
        bus.save_checkpoint(ONE)

        outside.begin_group_again(CHECKOUTS, ONE.group)
        if pending:
            take(bus, ONE, 3)
        bus.save_checkpoint(ONE)
        outside.lose_group(CHECKOUTS, ONE.group)

        assert take(bus, ONE) == []

    def test_a_checkpoint_moves_on_as_the_group_does(self, bus: EventBus, outside: Outside) -> None:
        bus.join(ONE)
        for _ in range(3):
            write(outside, 2)
            bus.acknowledge(ONE, take(bus, ONE))
            bus.save_checkpoint(ONE)
        later = write(outside, 1)

        outside.lose_group(CHECKOUTS, ONE.group)

        assert take(bus, ONE) == later

    def test_each_group_has_a_checkpoint_of_its_own(self, bus: EventBus, outside: Outside) -> None:
        positions = write(outside, 2)
        for subscription in (ONE, OTHER_GROUP):
            bus.join(subscription)
        bus.acknowledge(ONE, take(bus, ONE))
        bus.save_checkpoint(ONE)
        bus.save_checkpoint(OTHER_GROUP)

        outside.lose_group(CHECKOUTS, ONE.group)
        outside.lose_group(CHECKOUTS, OTHER_GROUP.group)

        assert (take(bus, ONE), take(bus, OTHER_GROUP)) == ([], positions)

    def test_nothing_that_is_asked_of_a_vanished_group_is_trouble(
        self, bus: EventBus, outside: Outside
    ) -> None:
        positions = write(outside, 3)
        bus.join(ONE)
        delivery, *_ = bus.receive(ONE, count=3, block_ms=0)

        asked: dict[str, Callable[[], object]] = {
            "pending": lambda: bus.pending(ONE, count=10),
            "claim": lambda: bus.claim(ONE, positions, min_idle_ms=0),
            "acknowledge": lambda: bus.acknowledge(ONE, positions),
            "set_aside": lambda: bus.set_aside(ONE, delivery, WHY),
            "save_checkpoint": lambda: bus.save_checkpoint(ONE),
            "backlog": lambda: bus.backlog(ONE).lag_events,
        }
        answers = {}
        for name, ask in asked.items():
            outside.lose_group(CHECKOUTS, ONE.group)
            answers[name] = ask()

        assert (answers["pending"], answers["claim"], answers["backlog"]) == ([], [], len(positions))
        assert take(bus, ONE) == positions
        assert outside.dead_letters(CHECKOUTS) == []


class Measuring:
    def test_a_group_with_nothing_before_it_says_so(self, bus: EventBus) -> None:
        bus.join(ONE)

        assert bus.backlog(ONE) == Backlog()

    def test_it_counts_what_waits_and_what_is_pending(self, bus: EventBus, outside: Outside) -> None:
        outside.write(CHECKOUTS, entry("Fact", {}), age_s=60.0)
        outside.write(CHECKOUTS, entry("Fact", {}), age_s=30.0)
        write(outside, 3)
        bus.join(ONE)
        take(bus, ONE, 1)

        backlog = bus.backlog(ONE)

        assert (backlog.lag_events, backlog.pending, backlog.dead_letters) == (4, 1, 0)
        assert (backlog.stream_events, backlog.oldest_pending_attempts) == (5, 1)
        assert 29.5 < backlog.lag_s < 35
        assert 59.5 < backlog.oldest_pending_s < 65

    def test_consumers_of_a_group_have_one_backlog(self, bus: EventBus, outside: Outside) -> None:
        write(outside, 5)
        bus.join(ONE)
        take(bus, ONE, 1)
        take(bus, TWO, 2)

        assert (bus.backlog(ONE).lag_events, bus.backlog(TWO).pending) == (2, 3)

    @pytest.mark.parametrize("received", [0, 2, 5, 8, 10])
    @pytest.mark.parametrize(
        "deleted", [(0,), (4,), (9,), (0, 4, 9), (2, 3), (0, 1, 2, 3, 4), tuple(range(10))]
    )
    def test_it_is_right_after_entries_were_deleted(
        self, bus: EventBus, outside: Outside, received: int, deleted: tuple[int, ...]
    ) -> None:
        positions = write(outside, 10)
        bus.join(ONE)
        if received:
            bus.acknowledge(ONE, take(bus, ONE, received))
        for n in deleted:
            outside.delete(CHECKOUTS, positions[n])

        assert bus.backlog(ONE).lag_events == len(set(range(received, 10)) - set(deleted))
        write(outside, 1)
        assert bus.backlog(ONE).lag_events == len(set(range(received, 10)) - set(deleted)) + 1
        assert len(take(bus, ONE, 1)) == 1
        assert bus.backlog(ONE).lag_events == len(set(range(received, 10)) - set(deleted))

    def test_it_is_right_for_a_group_that_came_back(self, bus: EventBus, outside: Outside) -> None:
        write(outside, 10)
        bus.join(ONE)
        bus.acknowledge(ONE, take(bus, ONE, 4))
        bus.save_checkpoint(ONE)
        outside.lose_group(CHECKOUTS, ONE.group)
        bus.join(ONE)

        assert bus.backlog(ONE).lag_events == 6
        take(bus, ONE, 2)
        assert bus.backlog(ONE).lag_events == 4
