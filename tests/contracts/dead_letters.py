"""The contract of DeadLetters."""

from functools import partial

import pytest

from application.events.streams import CHECKOUTS
from application.ports.dead_letters import DeadLetters, Decision, Wanted
from application.ports.errors import InvalidPosition
from application.ports.event_bus import DeadLetter, EventBus, Subscription
from application.ports.inbox import Inbox
from tests.contracts.consumers import ONE, OTHER_GROUP, TWO, consumer, take
from tests.contracts.event_bus_setting_aside import WHY
from tests.contracts.facts import CHECKOUT, entry, failure_by_another_program, start_by_another_program
from tests.contracts.outside import Outside
from tests.contracts.racing import at_once

DECISION = Decision(actor="ada", reason="the address is right now \u2603", at_s=1_700_000_000.25)
WAITED_MS = 24 * 3_600 * 1_000
"""Longer than any worker waits before it takes a delivery over."""

UNKNOWN = "1690000000000-0"
NO_IDS = ("", "nonsense", "1-2-3", "-1", "99999999999999999999-0")


def set_aside(
    bus: EventBus,
    outside: Outside,
    *entries: dict[bytes, bytes],
    subscription: Subscription = ONE,
    why: DeadLetter = WHY,
) -> list[str]:
    """Write `entries` and set each aside for the group; their positions. The group goes on after them."""
    bus.join(subscription)
    written = [outside.write(CHECKOUTS, fields) for fields in entries]
    for delivery in bus.receive(subscription, count=100, block_ms=0):
        if delivery.position in written:
            bus.set_aside(subscription, delivery, why)
        else:
            bus.acknowledge(subscription, [delivery.position])
    return written


def starts(count: int) -> list[dict[bytes, bytes]]:
    return [dict(start_by_another_program(f"checkout-{n}")) for n in range(1, count + 1)]


def ids(dead_letters: DeadLetters, wanted: Wanted | None = None) -> list[str]:
    page, after = dead_letters.page(CHECKOUTS, wanted or Wanted(), count=100)
    assert after is None
    return [kept.id for kept in page]


def again(bus: EventBus, subscription: Subscription) -> list[tuple[str, int]]:
    """(position, attempt) of what a worker that looks around finds to take over."""
    waiting = bus.pending(subscription, count=100)
    positions = [found.position for found in waiting if found.idle_ms >= WAITED_MS]
    claimed = bus.claim(subscription, positions, min_idle_ms=WAITED_MS)
    return [(delivery.position, delivery.attempt) for delivery in claimed]


class Looking:
    def test_those_of_a_delivery_are_found_whatever_was_decided_about_them(
        self, bus: EventBus, outside: Outside, dead_letters: DeadLetters
    ) -> None:
        first, second = set_aside(bus, outside, *starts(2))
        place = (ONE.group, first)
        assert dead_letters.of_deliveries(CHECKOUTS, []) == []
        assert dead_letters.of_deliveries(CHECKOUTS, [(OTHER_GROUP.group, first)]) == []
        (kept,) = dead_letters.of_deliveries(CHECKOUTS, [place])
        assert kept == dead_letters.get(CHECKOUTS, kept.id)

        dead_letters.redrive(CHECKOUTS, kept.id, DECISION)
        (delivery,) = bus.claim(TWO, [first], min_idle_ms=0)
        bus.set_aside(TWO, delivery, WHY)

        both = dead_letters.of_deliveries(CHECKOUTS, [place, (OTHER_GROUP.group, second)])
        assert [(letter.position, letter.state) for letter in both] == [(first, "redriven"), (first, "open")]
        assert both[0].decision == DECISION

    def test_a_dead_letter_tells_everything_that_is_known(
        self, bus: EventBus, outside: Outside, dead_letters: DeadLetters
    ) -> None:
        (position,) = set_aside(bus, outside, *starts(1))

        (kept,), after = dead_letters.page(CHECKOUTS, Wanted(), count=10)

        assert after is None
        assert (kept.group, kept.position, kept.type) == (ONE.group, position, "CheckoutInitiated")
        assert kept.checkout_id == CHECKOUT
        told = (kept.reason, kept.attempts, kept.first_error, kept.last_error, kept.traceback)
        assert told == (WHY.reason, WHY.attempts, WHY.first_error, WHY.last_error, WHY.traceback)
        assert kept.original["type"] == "CheckoutInitiated"
        assert CHECKOUT in kept.original["payload"]
        assert kept.set_aside_at_s >= int(position.split("-")[0]) / 1000 - 1
        assert (kept.state, kept.decision) == ("open", None)
        assert dead_letters.get(CHECKOUTS, kept.id) == kept

    def test_one_of_an_entry_that_makes_no_sense_is_shown_too(
        self, bus: EventBus, outside: Outside, dead_letters: DeadLetters
    ) -> None:
        set_aside(bus, outside, {b"\xfe": b"\xff"})

        (kept,), _ = dead_letters.page(CHECKOUTS, Wanted(), count=10)

        assert (kept.type, kept.checkout_id) == ("", None)

    def test_pages_follow_one_another_oldest_first(
        self, bus: EventBus, outside: Outside, dead_letters: DeadLetters
    ) -> None:
        positions = set_aside(bus, outside, *starts(5))

        pages, after = [], None
        for _ in range(3):
            page, after = dead_letters.page(CHECKOUTS, Wanted(), count=2, after=after)
            pages.append([kept.position for kept in page])

        assert pages == [positions[:2], positions[2:4], positions[4:]]
        assert after is None

    def test_a_page_holds_only_those_that_fit_and_no_cursor_skips_one(
        self, bus: EventBus, outside: Outside, dead_letters: DeadLetters
    ) -> None:
        entries = [dict(start_by_another_program()), dict(failure_by_another_program())] * 4
        positions = set_aside(bus, outside, *entries)

        wanted = Wanted(type="StockReservationFailed")
        found: list[str] = []
        after: str | None = None
        for _ in range(10):
            page, after = dead_letters.page(CHECKOUTS, wanted, count=1, after=after)
            found += [kept.position for kept in page]
            if after is None:
                break

        assert found == positions[1::2]

    @pytest.mark.parametrize(
        ("wanted", "fit"),
        [
            (Wanted(), [0, 1, 2]),
            (Wanted(group=ONE.group), [0, 1]),
            (Wanted(group=OTHER_GROUP.group), [2]),
            (Wanted(group="no such group"), []),
            (Wanted(type="CheckoutInitiated"), [0, 2]),
            (Wanted(type="StockReservationFailed"), [1]),
            (Wanted(checkout_id="checkout-9"), [1]),
            (Wanted(reason="away"), [2]),
            (Wanted(reason="stock record"), [0, 1]),
            (Wanted(type="CheckoutInitiated", reason="stock record"), [0]),
            (Wanted(state=None), [0, 1, 2]),
            (Wanted(state="redriven"), []),
        ],
        ids=str,
    )
    def test_only_those_come_that_fit_every_part(
        self, bus: EventBus, outside: Outside, dead_letters: DeadLetters, wanted: Wanted, fit: list[int]
    ) -> None:
        away = DeadLetter(reason="the bank is away", attempts=1, first_error="", last_error="")
        set_aside(bus, outside, *starts(1))
        set_aside(bus, outside, dict(failure_by_another_program("checkout-9")))
        bus.join(OTHER_GROUP)
        (delivery, *_) = bus.receive(OTHER_GROUP, count=10, block_ms=0)
        bus.set_aside(OTHER_GROUP, delivery, away)
        everything = ids(dead_letters)

        assert ids(dead_letters, wanted) == [everything[n] for n in fit]

    def test_without_dead_letters_the_page_is_empty(self, dead_letters: DeadLetters) -> None:
        assert dead_letters.page(CHECKOUTS, Wanted(), count=10) == ([], None)

    def test_what_is_no_cursor_is_refused(self, dead_letters: DeadLetters) -> None:
        with pytest.raises(InvalidPosition):
            dead_letters.page(CHECKOUTS, Wanted(), count=10, after="nonsense")

    @pytest.mark.parametrize("id_", [UNKNOWN, *NO_IDS])
    def test_there_is_none_with_an_unknown_id(self, dead_letters: DeadLetters, id_: str) -> None:
        assert dead_letters.get(CHECKOUTS, id_) is None
        assert dead_letters.redrive(CHECKOUTS, id_, DECISION) == "unknown"
        assert dead_letters.discard(CHECKOUTS, id_, DECISION) is False


class Redriving:
    def test_it_goes_to_its_group_as_a_first_attempt_and_to_no_other(
        self, bus: EventBus, outside: Outside, dead_letters: DeadLetters
    ) -> None:
        (position,) = set_aside(bus, outside, *starts(1))
        bus.join(OTHER_GROUP)
        bus.acknowledge(OTHER_GROUP, take(bus, OTHER_GROUP))
        (id_,) = ids(dead_letters)

        assert dead_letters.redrive(CHECKOUTS, id_, DECISION) == "redriven"

        assert again(bus, TWO) == [(position, 1)]
        assert bus.pending(OTHER_GROUP, count=10) == []
        assert take(bus, OTHER_GROUP) == take(bus, ONE) == []

    def test_only_one_consumer_of_the_group_gets_it(
        self, bus: EventBus, outside: Outside, dead_letters: DeadLetters
    ) -> None:
        (position,) = set_aside(bus, outside, *starts(1))
        dead_letters.redrive(CHECKOUTS, ids(dead_letters)[0], DECISION)

        looks = at_once([partial(again, bus, consumer(name)) for name in ("one", "two", "three")])

        assert [found for look in looks for found in look] == [(position, 1)]

    def test_it_comes_also_when_the_group_is_long_past_it(
        self, bus: EventBus, outside: Outside, dead_letters: DeadLetters
    ) -> None:
        (position,) = set_aside(bus, outside, *starts(1))
        set_aside(bus, outside)
        outside.write(CHECKOUTS, entry("Fact", {}))
        bus.acknowledge(ONE, take(bus, ONE))
        bus.save_checkpoint(ONE)

        dead_letters.redrive(CHECKOUTS, ids(dead_letters)[0], DECISION)
        bus.save_checkpoint(ONE)

        assert again(bus, ONE) == [(position, 1)]
        bus.acknowledge(ONE, [position])
        assert bus.pending(ONE, count=10) == []

    def test_what_such_a_step_does_only_once_is_done(
        self, bus: EventBus, outside: Outside, dead_letters: DeadLetters, inbox: Inbox
    ) -> None:
        """The notice whose sending failed lies below the checkpoint, and was never sent."""
        (position,) = set_aside(bus, outside, *starts(1))
        outside.write(CHECKOUTS, entry("Fact", {}))
        sent = take(bus, ONE)
        inbox.mark(ONE.group, sent)
        bus.acknowledge(ONE, sent)
        bus.save_checkpoint(ONE)
        dead_letters.redrive(CHECKOUTS, ids(dead_letters)[0], DECISION)

        assert inbox.unseen(ONE.group, [position, *sent]) == {position}
        assert again(bus, ONE) == [(position, 1)]
        inbox.mark(ONE.group, [position])
        bus.acknowledge(ONE, [position])
        bus.save_checkpoint(ONE)
        assert inbox.unseen(ONE.group, [position, *sent]) == set()

    def test_several_come_in_the_order_of_the_stream(
        self, bus: EventBus, outside: Outside, dead_letters: DeadLetters
    ) -> None:
        positions = set_aside(bus, outside, *starts(4))

        for id_ in reversed(ids(dead_letters)):
            dead_letters.redrive(CHECKOUTS, id_, DECISION)

        assert again(bus, ONE) == [(position, 1) for position in positions]

    def test_twice_does_nothing_twice(
        self, bus: EventBus, outside: Outside, dead_letters: DeadLetters
    ) -> None:
        (position,) = set_aside(bus, outside, *starts(1))
        (id_,) = ids(dead_letters)

        answers = at_once([lambda: dead_letters.redrive(CHECKOUTS, id_, DECISION)] * 3)

        assert sorted(answers) == ["already decided", "already decided", "redriven"]
        assert again(bus, ONE) == [(position, 1)]
        bus.acknowledge(ONE, [position])
        assert dead_letters.redrive(CHECKOUTS, id_, DECISION) == "already decided"
        assert dead_letters.discard(CHECKOUTS, id_, DECISION) is False
        assert (again(bus, ONE), bus.backlog(ONE).dead_letters) == ([], 0)

    def test_an_id_written_in_another_way_is_no_second_dead_letter(
        self, bus: EventBus, outside: Outside, dead_letters: DeadLetters
    ) -> None:
        set_aside(bus, outside, *starts(1))
        (id_,) = ids(dead_letters)
        milliseconds, number = id_.split("-")

        spellings = [id_, f"0{id_}", f"{milliseconds}-0{number}", milliseconds]
        answers = [dead_letters.redrive(CHECKOUTS, spelt, DECISION) for spelt in spellings]

        assert answers[0] == "redriven"
        assert "redriven" not in answers[1:]
        assert bus.backlog(ONE).dead_letters == 0

    def test_the_decision_is_noted_and_it_is_open_no_longer(
        self, bus: EventBus, outside: Outside, dead_letters: DeadLetters
    ) -> None:
        set_aside(bus, outside, *starts(2))
        first, second = ids(dead_letters)
        assert bus.backlog(ONE).dead_letters == 2

        dead_letters.redrive(CHECKOUTS, first, DECISION)

        kept = dead_letters.get(CHECKOUTS, first)
        assert kept is not None
        assert (kept.state, kept.decision, kept.reason) == ("redriven", DECISION, WHY.reason)
        assert ids(dead_letters) == [second]
        assert ids(dead_letters, Wanted(state="redriven")) == [first]
        assert ids(dead_letters, Wanted(state=None)) == [first, second]
        assert bus.backlog(ONE).dead_letters == 1

    def test_one_that_fails_again_is_a_new_dead_letter(
        self, bus: EventBus, outside: Outside, dead_letters: DeadLetters
    ) -> None:
        (position,) = set_aside(bus, outside, *starts(1))
        (first,) = ids(dead_letters)
        dead_letters.redrive(CHECKOUTS, first, DECISION)
        (delivery,) = bus.claim(ONE, [position], min_idle_ms=WAITED_MS)

        bus.set_aside(ONE, delivery, WHY)

        (second,) = ids(dead_letters)
        assert second != first
        assert bus.backlog(ONE).dead_letters == 1
        assert dead_letters.redrive(CHECKOUTS, first, DECISION) == "already decided"
        assert dead_letters.redrive(CHECKOUTS, second, DECISION) == "redriven"
        assert again(bus, ONE) == [(position, 1)]

    def test_an_entry_that_is_gone_cannot_be_tried_again(
        self, bus: EventBus, outside: Outside, dead_letters: DeadLetters
    ) -> None:
        (position,) = set_aside(bus, outside, *starts(1))
        (id_,) = ids(dead_letters)
        outside.delete(CHECKOUTS, position)

        assert dead_letters.redrive(CHECKOUTS, id_, DECISION) == "entry gone"

        assert (ids(dead_letters), bus.pending(ONE, count=10)) == ([id_], [])
        assert bus.backlog(ONE).dead_letters == 1
        assert dead_letters.discard(CHECKOUTS, id_, DECISION) is True

    def test_a_group_that_has_vanished_gets_it_and_goes_on_where_it_was(
        self, bus: EventBus, outside: Outside, dead_letters: DeadLetters
    ) -> None:
        (position,) = set_aside(bus, outside, *starts(1))
        bus.save_checkpoint(ONE)
        later = outside.write(CHECKOUTS, entry("Fact", {}))
        outside.lose_group(CHECKOUTS, ONE.group)

        assert dead_letters.redrive(CHECKOUTS, ids(dead_letters)[0], DECISION) == "redriven"

        assert again(bus, ONE) == [(position, 1)]
        assert take(bus, ONE) == [later]

    def test_it_is_not_lost_with_its_group_and_comes_once(
        self, bus: EventBus, outside: Outside, dead_letters: DeadLetters
    ) -> None:
        positions = set_aside(bus, outside, *starts(2))
        bus.save_checkpoint(ONE)
        for id_ in ids(dead_letters):
            dead_letters.redrive(CHECKOUTS, id_, DECISION)
        bus.save_checkpoint(ONE)
        outside.lose_group(CHECKOUTS, ONE.group)

        bus.join(ONE)
        assert again(bus, ONE) == [(position, 1) for position in positions]
        bus.acknowledge(ONE, positions)
        bus.save_checkpoint(ONE)
        outside.lose_group(CHECKOUTS, ONE.group)
        bus.join(ONE)

        assert (again(bus, ONE), take(bus, ONE)) == ([], [])

    def test_a_redrive_to_a_lost_group_brings_back_the_earlier_ones_too(
        self, bus: EventBus, outside: Outside, dead_letters: DeadLetters
    ) -> None:
        positions = set_aside(bus, outside, *starts(2))
        bus.save_checkpoint(ONE)
        first, second = ids(dead_letters)
        dead_letters.redrive(CHECKOUTS, first, DECISION)
        outside.lose_group(CHECKOUTS, ONE.group)

        dead_letters.redrive(CHECKOUTS, second, DECISION)

        assert again(bus, ONE) == [(position, 1) for position in positions]


class Discarding:
    def test_it_is_noted_and_nothing_more_is_done(
        self, bus: EventBus, outside: Outside, dead_letters: DeadLetters
    ) -> None:
        set_aside(bus, outside, *starts(2))
        first, second = ids(dead_letters)

        assert dead_letters.discard(CHECKOUTS, first, DECISION) is True

        kept = dead_letters.get(CHECKOUTS, first)
        assert kept is not None
        assert (kept.state, kept.decision) == ("discarded", DECISION)
        assert ids(dead_letters) == [second]
        assert (bus.pending(ONE, count=10), bus.backlog(ONE).dead_letters) == ([], 1)

    def test_what_was_discarded_stays_so(
        self, bus: EventBus, outside: Outside, dead_letters: DeadLetters
    ) -> None:
        set_aside(bus, outside, *starts(1))
        (id_,) = ids(dead_letters)

        answers = at_once([lambda: dead_letters.discard(CHECKOUTS, id_, DECISION)] * 3)

        assert sorted(answers) == [False, False, True]
        assert dead_letters.redrive(CHECKOUTS, id_, DECISION) == "already decided"
        assert (bus.pending(ONE, count=10), bus.backlog(ONE).dead_letters) == ([], 0)


class DeadLettersContract(Looking, Redriving, Discarding):
    """What every DeadLetters does. A subclass provides `dead_letters`, and the `bus`, the `inbox` and
    the `outside` of the same log."""
