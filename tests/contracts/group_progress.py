"""The contract of GroupProgress."""

import pytest

from application.events.streams import CHECKOUTS, INVENTORY
from application.ports.errors import InvalidPosition
from application.ports.event_bus import EventBus
from application.ports.group_progress import GroupPlace, GroupProgress
from application.ports.positions import parse
from tests.contracts.consumers import ONE, OTHER_GROUP, TWO, take, write
from tests.contracts.event_bus_setting_aside import WHY
from tests.contracts.outside import Outside


class GroupProgressContract:
    """What every GroupProgress does. A subclass provides `progress`, and `bus` and `outside` of its log."""

    def handled(self, progress: GroupProgress, *positions: str) -> list[bool]:
        return [progress.has_handled(CHECKOUTS, ONE.group, position) for position in positions]

    def test_what_was_acknowledged_is_handled_and_what_was_not_handed_out_is_not(
        self, progress: GroupProgress, bus: EventBus, outside: Outside
    ) -> None:
        first, second, third = write(outside, 3)
        bus.join(ONE)
        assert self.handled(progress, "0-0", first) == [True, False]

        take(bus, ONE, count=2)
        bus.acknowledge(ONE, [first, second])

        assert self.handled(progress, first, second, third) == [True, True, False]

    def test_what_is_pending_with_anybody_holds_back_all_that_follows(
        self, progress: GroupProgress, bus: EventBus, outside: Outside
    ) -> None:
        positions = write(outside, 4)
        bus.join(ONE)
        take(bus, ONE, count=2)
        take(bus, TWO, count=2)

        bus.acknowledge(ONE, positions[:1])
        bus.acknowledge(TWO, positions[2:])  # out of order

        assert self.handled(progress, *positions) == [True, False, False, False]
        bus.acknowledge(ONE, positions[1:2])
        assert self.handled(progress, *positions) == [True] * 4

    def test_a_position_between_two_entries_is_handled_with_the_one_before_it(
        self, progress: GroupProgress, bus: EventBus, outside: Outside
    ) -> None:
        (only,) = write(outside, 1)
        bus.join(ONE)
        bus.acknowledge(ONE, take(bus, ONE))

        milliseconds = int(only.partition("-")[0])
        assert self.handled(progress, f"{milliseconds - 1}-7", f"{milliseconds + 1}-0") == [True, False]

    def test_what_was_set_aside_is_waited_for_no_more(
        self, progress: GroupProgress, bus: EventBus, outside: Outside
    ) -> None:
        positions = write(outside, 2)
        bus.join(ONE)
        bad, good = bus.receive(ONE, count=2, block_ms=0)
        bus.acknowledge(ONE, [good.position])
        assert self.handled(progress, *positions) == [False, False]

        bus.set_aside(ONE, bad, WHY)

        assert self.handled(progress, *positions) == [True, True]

    def test_a_group_that_begins_again_has_it_all_before_it(
        self, progress: GroupProgress, bus: EventBus, outside: Outside
    ) -> None:
        (only,) = write(outside, 1)
        bus.join(ONE)
        bus.acknowledge(ONE, take(bus, ONE))
        assert self.handled(progress, only) == [True]

        outside.begin_group_again(CHECKOUTS, ONE.group)

        assert self.handled(progress, only) == [False]

    def test_a_group_that_does_not_exist_has_handled_nothing(
        self, progress: GroupProgress, bus: EventBus, outside: Outside
    ) -> None:
        assert self.handled(progress, "0-0") == [False]
        (only,) = write(outside, 1)
        bus.join(OTHER_GROUP)
        bus.acknowledge(OTHER_GROUP, take(bus, OTHER_GROUP))

        assert self.handled(progress, only) == [False]
        assert not progress.has_handled(INVENTORY, OTHER_GROUP.group, only)

    def test_to_ask_changes_nothing(self, progress: GroupProgress, bus: EventBus, outside: Outside) -> None:
        positions = write(outside, 2)
        bus.join(ONE)

        self.handled(progress, *positions)

        assert take(bus, ONE) == positions

    def test_what_is_no_position_is_refused(self, progress: GroupProgress) -> None:
        with pytest.raises(InvalidPosition):
            progress.has_handled(CHECKOUTS, ONE.group, "now")

    def test_each_group_is_where_its_deliveries_are(
        self, progress: GroupProgress, bus: EventBus, outside: Outside
    ) -> None:
        assert progress.places(CHECKOUTS) == []
        first, second, third = write(outside, 3)
        bus.join(ONE)
        bus.join(OTHER_GROUP)
        take(bus, ONE, count=2)
        bus.acknowledge(ONE, [first])
        bus.save_checkpoint(ONE)
        take(bus, OTHER_GROUP)
        bus.acknowledge(OTHER_GROUP, [first, second, third])

        one, other = sorted(progress.places(CHECKOUTS), key=lambda place: place.group != ONE.group)

        assert (one.group, one.cursor, one.pending, one.oldest_pending) == (ONE.group, second, 1, second)
        assert one.checkpoint is not None
        assert parse(first) <= parse(one.checkpoint) < parse(second)
        assert other == GroupPlace(group=OTHER_GROUP.group, cursor=third)
        assert progress.places(INVENTORY) == []

    def test_what_is_pending_is_told_by_group_and_position(
        self, progress: GroupProgress, bus: EventBus, outside: Outside
    ) -> None:
        first, second = write(outside, 2)
        nobody = (ONE.group, first), (OTHER_GROUP.group, first)
        assert progress.pending(CHECKOUTS, nobody) == [None, None]
        bus.join(ONE)
        take(bus, ONE, count=1)

        held, other, later = progress.pending(CHECKOUTS, [*nobody, (ONE.group, second)])

        assert held is not None
        assert (held.position, held.consumer, held.attempt) == (first, ONE.consumer, 1)
        assert (other, later) == (None, None)
        bus.acknowledge(ONE, [first])
        assert progress.pending(CHECKOUTS, nobody) == [None, None]

    def test_failed_attempts_are_remembered_newest_first_each_for_its_group(
        self, progress: GroupProgress, bus: EventBus, outside: Outside
    ) -> None:
        assert progress.failures(CHECKOUTS, ["1-1"]) == []
        first, second = write(outside, 2)
        bus.join(ONE)
        bus.join(OTHER_GROUP)
        one, two = bus.receive(ONE, count=2, block_ms=0)
        bus.note_failures(ONE, [(one, "ValueError: no \u2603"), (two, "another")])
        (again,) = bus.claim(TWO, [first], min_idle_ms=0)
        bus.note_failures(TWO, [(again, "KeyError: x")])

        told = progress.failures(CHECKOUTS, {first})

        assert [(f.group, f.position, f.attempt) for f in told] == [
            (ONE.group, first, 2),
            (ONE.group, first, 1),
        ]
        assert [f.error for f in told] == ["KeyError: x", "ValueError: no \u2603"]
        assert told[0].at_s >= told[1].at_s > 0
        assert [f.error for f in progress.failures(CHECKOUTS, {second})] == ["another"]

    def test_only_the_newest_failed_attempts_are_remembered(
        self, progress: GroupProgress, bus: EventBus, outside: Outside
    ) -> None:
        (position,) = write(outside, 1)
        bus.join(ONE)
        (delivery,) = bus.receive(ONE, count=1, block_ms=0)
        for number in range(12):
            bus.note_failures(ONE, [(delivery, f"{number} {n}") for n in range(100)])

        told = progress.failures(CHECKOUTS, {position})

        assert told[0].error == "11 99"
        assert 1_000 <= len(told) < 1_200
