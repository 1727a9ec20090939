"""What an operator does about dead letters: they go to their group again, in order, and to no other."""

import pytest

from application.ports.dead_letters import KeptDelivery, Wanted
from application.requests import mend_dead_letters
from application.requests.mend_dead_letters import DeadLetterDesk
from application.requests.who_and_why import ACTOR_CHARS_MAX, REASON_CHARS_MAX
from domain.checkout import saga
from domain.checkout.saga import STEPS
from domain.errors import InvalidValue
from tests.each_row import each_row
from tests.foreign import start_foreign
from tests.interruptions import later
from tests.invariants import invariants
from tests.shop import Shop
from tests.unit.application.closed_warehouse import ACTOR, WHY, ClosedShop

RESERVATION = STEPS[saga.STOCK_RESERVATION].group


def desk_of(shop: Shop) -> DeadLetterDesk:
    desk: DeadLetterDesk = shop.container.dead_letter_desk()
    return desk


def letters(shop: Shop, wanted: Wanted | None = None) -> list[KeptDelivery]:
    return desk_of(shop).page(wanted or Wanted(), count=100)[0]


def shop_with_dead_letters(count: int = 3) -> tuple[ClosedShop, list[str]]:
    """Checkouts of one unit whose reservation was set aside, and the warehouse is open again."""
    closed = ClosedShop(saga.STOCK_RESERVATION)
    checkouts = [closed.shop.start({"p-1": 1}) for _ in range(count)]
    closed.run_into_dead_letters()
    closed.warehouse.closed = False
    return closed, checkouts


def test_redriven_they_are_done_as_if_nothing_had_happened() -> None:
    closed, checkouts = shop_with_dead_letters()
    shop = closed.shop
    assert [kept.checkout_id for kept in letters(shop)] == checkouts

    answers = desk_of(shop).redrive(
        [kept.id for kept in letters(shop)], actor=ACTOR, reason="it is open again"
    )
    shop.pass_time(1)

    assert set(answers.values()) == {"redriven"}
    assert {shop.replay(checkout).view.status for checkout in checkouts} == {"succeeded"}
    assert shop.stock("p-1") == (2, 3)
    assert letters(shop) == []
    invariants(shop)


def test_only_the_group_concerned_gets_it_again() -> None:
    closed, (checkout,) = shop_with_dead_letters(1)
    shop = closed.shop
    before = shop.telemetry.consumed_types["CheckoutInitiated"]

    desk_of(shop).redrive_all(Wanted(), actor=ACTOR)
    shop.pass_time(1)

    assert shop.telemetry.consumed_types["CheckoutInitiated"] == before + 1
    assert shop.facts(checkout).count("StockReserved") == 1


def test_they_come_in_the_order_of_the_stream_however_they_were_named() -> None:
    """Of the last unit: who checked out first gets it."""
    closed, checkouts = shop_with_dead_letters(7)
    shop = closed.shop

    desk_of(shop).redrive([kept.id for kept in reversed(letters(shop))], actor=ACTOR)
    shop.pass_time(1)
    shop.pass_time(1)

    told = [shop.replay(checkout).view.status for checkout in checkouts]
    assert told == ["succeeded"] * 5 + ["failed"] * 2
    invariants(shop)


def test_twice_does_nothing_twice() -> None:
    closed, checkouts = shop_with_dead_letters()
    shop, (first, *_) = closed.shop, letters(closed.shop)

    assert desk_of(shop).redrive([first.id, first.id], actor=ACTOR) == {first.id: "redriven"}
    shop.pass_time(1)
    facts = shop.facts(checkouts[0])
    assert desk_of(shop).redrive([first.id], actor=ACTOR) == {first.id: "already decided"}
    shop.pass_time(1)

    assert shop.facts(checkouts[0]) == facts
    assert len(letters(shop)) == 2


def test_what_was_decided_is_kept_with_who_why_and_when() -> None:
    closed, _ = shop_with_dead_letters(2)
    shop, (first, second) = closed.shop, letters(closed.shop)

    desk_of(shop).redrive([first.id], actor=ACTOR, reason="it is open again")
    assert desk_of(shop).discard(second.id, actor="bob", reason="a test order")

    kept = {one.id: (one.state, one.decision) for one in letters(shop, Wanted(state=None))}
    assert [(state, decision.actor, decision.reason) for state, decision in kept.values() if decision] == [
        ("redriven", ACTOR, "it is open again"),
        ("discarded", "bob", "a test order"),
    ]
    assert {decision.at_s for _, decision in kept.values() if decision} == {shop.clock.now_s()}


def test_one_that_fails_again_is_a_new_dead_letter_after_as_many_attempts() -> None:
    closed, _ = shop_with_dead_letters(1)
    closed.warehouse.closed = True
    (first,) = letters(closed.shop)

    desk_of(closed.shop).redrive([first.id], actor=ACTOR)
    closed.run_into_dead_letters()

    (second,) = letters(closed.shop)
    assert second.id != first.id
    assert (second.position, second.reason, second.attempts) == (first.position, WHY, first.attempts)


def test_all_of_those_wanted_are_redriven_and_no_others() -> None:
    closed, checkouts = shop_with_dead_letters()
    shop = closed.shop

    answers = desk_of(shop).redrive_all(Wanted(checkout_id=checkouts[1]), actor=ACTOR)
    assert desk_of(shop).redrive_all(Wanted(group="checkout-order"), actor=ACTOR) == {}
    shop.pass_time(1)

    assert list(answers.values()) == ["redriven"]
    assert [kept.checkout_id for kept in letters(shop)] == [checkouts[0], checkouts[2]]
    assert list(desk_of(shop).redrive_all(Wanted(group=RESERVATION), actor=ACTOR).values()) == [
        "redriven",
        "redriven",
    ]


def test_at_most_so_many_are_redriven_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    closed, _ = shop_with_dead_letters(3)
    monkeypatch.setattr(mend_dead_letters, "REDRIVE_MAX", 2)
    desk = desk_of(closed.shop)

    with pytest.raises(InvalidValue, match="ids"):
        desk.redrive([kept.id for kept in letters(closed.shop)], actor=ACTOR)

    assert len(desk.redrive_all(Wanted(), actor=ACTOR)) == 2
    assert len(letters(closed.shop)) == 1


def test_unknown_ones_are_said_to_be_unknown_and_stop_no_other() -> None:
    closed, _ = shop_with_dead_letters(1)
    (kept,) = letters(closed.shop)

    answers = desk_of(closed.shop).redrive(["1690000000000-0", "nonsense", kept.id], actor=ACTOR)

    assert answers == {"1690000000000-0": "unknown", "nonsense": "unknown", kept.id: "redriven"}
    assert desk_of(closed.shop).get("nonsense") is None
    assert not desk_of(closed.shop).discard("nonsense", actor=ACTOR, reason="nonsense")


def test_a_discarded_one_is_left_alone() -> None:
    closed, (checkout,) = shop_with_dead_letters(1)
    shop, (kept,) = closed.shop, letters(closed.shop)

    assert desk_of(shop).discard(kept.id, actor=ACTOR, reason="a test order")
    assert not desk_of(shop).discard(kept.id, actor=ACTOR, reason="a test order")
    assert desk_of(shop).redrive([kept.id], actor=ACTOR) == {kept.id: "already decided"}

    later(shop)
    assert shop.facts(checkout)[-1] == "CheckoutFailed", "its deadline ends it"
    invariants(shop)


@each_row("actor", ["", " ", "x" * (ACTOR_CHARS_MAX + 1), "x" + " " * ACTOR_CHARS_MAX])
def test_nobody_decides_nothing(actor: str) -> None:
    closed, _ = shop_with_dead_letters(1)
    (kept,) = letters(closed.shop)

    with pytest.raises(InvalidValue, match="actor"):
        desk_of(closed.shop).redrive([kept.id], actor=actor)
    with pytest.raises(InvalidValue, match="actor"):
        desk_of(closed.shop).discard(kept.id, actor=actor, reason="a test order")

    assert letters(closed.shop) == [kept]


@pytest.mark.parametrize("reason", ["", "  ", "x" * (REASON_CHARS_MAX + 1)])
def test_nothing_is_discarded_without_a_reason(reason: str) -> None:
    closed, _ = shop_with_dead_letters(1)
    (kept,) = letters(closed.shop)

    with pytest.raises(InvalidValue, match="reason"):
        desk_of(closed.shop).discard(kept.id, actor=ACTOR, reason=reason)

    assert letters(closed.shop) == [kept]


def test_a_notice_that_could_not_be_sent_is_sent_once_when_redriven() -> None:
    shop = Shop()
    shop.receive({"p-1": 5})
    checkout = shop.start({"p-1": 1})
    shop.notifier.fail_next(1_000)
    shop.run()
    for _ in range(10):
        shop.pass_time(31)
    (kept,) = letters(shop, Wanted(group=STEPS[saga.NOTIFICATION].group))
    shop.notifier.fail_next(0)

    desk_of(shop).redrive([kept.id], actor=ACTOR)
    for _ in range(3):
        shop.pass_time(31)

    assert [notice.checkout_id for notice in shop.notifier.sent] == [checkout]
    invariants(shop)


def test_a_start_of_another_program_is_redriven_like_any_other() -> None:
    closed = ClosedShop(saga.STOCK_RESERVATION)
    start_foreign(closed.shop, "web-1", **{"p-1": 3})
    closed.run_into_dead_letters()
    closed.warehouse.closed = False

    desk_of(closed.shop).redrive_all(Wanted(checkout_id="web-1"), actor=ACTOR)
    closed.shop.pass_time(1)

    assert closed.shop.replay("web-1").view.status == "succeeded"
    invariants(closed.shop)
