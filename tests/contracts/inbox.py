"""The contract of Inbox."""

from application.events.streams import CHECKOUTS
from application.ports.event_bus import EventBus
from application.ports.inbox import Inbox
from tests.contracts.consumers import ONE, take, write
from tests.contracts.outside import Outside

GROUP = "checkout-notification"
POSITIONS = [f"1700000000000-{n}" for n in range(5)]


class InboxContract:
    """What every Inbox does. A subclass provides `inbox`, and the `bus` and the `outside` beside it."""

    def test_what_was_never_marked_is_unseen(self, inbox: Inbox) -> None:
        assert inbox.unseen(GROUP, POSITIONS) == set(POSITIONS)

    def test_what_was_marked_is_seen(self, inbox: Inbox) -> None:
        inbox.mark(GROUP, POSITIONS[1:3])

        assert inbox.unseen(GROUP, POSITIONS) == {POSITIONS[0], *POSITIONS[3:]}
        assert inbox.unseen(GROUP, POSITIONS[1:3]) == set()

    def test_marking_may_be_repeated_and_come_in_any_order(self, inbox: Inbox) -> None:
        inbox.mark(GROUP, POSITIONS[3:])
        inbox.mark(GROUP, POSITIONS[:2])
        inbox.mark(GROUP, POSITIONS[3:])

        assert inbox.unseen(GROUP, POSITIONS) == {POSITIONS[2]}

    def test_each_group_has_its_own(self, inbox: Inbox) -> None:
        inbox.mark(GROUP, POSITIONS)

        assert inbox.unseen("another", POSITIONS) == set(POSITIONS)

    def test_neighbours_in_one_millisecond_are_told_apart(self, inbox: Inbox) -> None:
        inbox.mark(GROUP, ["1700000000000-1"])

        assert inbox.unseen(GROUP, ["1700000000000-1", "1700000000000-10", "1700000000001-1"]) == {
            "1700000000000-10",
            "1700000000001-1",
        }

    def test_no_positions_are_no_trouble(self, inbox: Inbox) -> None:
        inbox.mark(GROUP, [])

        assert inbox.unseen(GROUP, []) == set()

    def test_what_was_marked_stays_seen_when_the_group_begins_again(
        self, inbox: Inbox, bus: EventBus, outside: Outside
    ) -> None:
        bus.join(ONE)
        for _ in range(3):
            write(outside, 4)
            *done, pending = take(bus, ONE)
            inbox.mark(ONE.group, done)
            bus.acknowledge(ONE, done)
            bus.save_checkpoint(ONE)
            inbox.mark(ONE.group, [pending])
            bus.acknowledge(ONE, [pending])
        write(outside, 2)

        outside.begin_group_again(CHECKOUTS, ONE.group)

        again = take(bus, ONE)
        assert len(again) == 14
        assert inbox.unseen(ONE.group, again) == set(again[12:])
