"""Which checkouts wait: on which step, since when, and why."""

import attrs
import pytest

from application.events.streams import CHECKOUTS
from application.ports.dead_letters import Wanted
from application.ports.event_bus import Subscription
from application.questions.find_stuck import StuckCheckout
from application.questions.whose_turn import Next
from domain.checkout import saga
from domain.checkout.commands import Cancel, Intervene, PostponeDeadline, RetryStep
from domain.checkout.evolving import OPERATOR
from tests.foreign import add_foreign
from tests.interruptions import later, quick_shop, receive_for
from tests.invariants import invariants
from tests.shop import Shop
from tests.unit.application.closed_warehouse import ACTOR, WHY, ClosedShop, intervene, stuck_checkout

OLD_S = 300
LIFT = PostponeDeadline(actor=ACTOR, reason="a big order", expires_at_s=None)


def stuck(shop: Shop, age_s: float = 0) -> dict[str, str]:
    """Checkout -> the step it waits on, oldest first."""
    found, _ = shop.container.stuck_finder().older_than(age_s, count=100)
    return {one.view.checkout_id: one.next.worker for one in found}


def waits(shop: Shop) -> Next:
    """What the one that is open waits for."""
    (found,), _ = shop.container.stuck_finder().older_than(0, count=100)
    assert isinstance(found, StuckCheckout)
    return found.next


def why(shop: Shop) -> str:
    return waits(shop).why


def ages(shop: Shop) -> dict[str, float]:
    return {step: round(age) for step, age in shop.container.oldest_waits().per_step(count=100).items()}


def a_shop() -> Shop:
    shop = quick_shop()
    shop.receive({"p-1": 5})
    return shop


def test_each_waits_on_the_step_whose_turn_it_is() -> None:
    shop = a_shop()
    reserved = shop.start({"p-1": 1})
    shop.run(saga.STOCK_RESERVATION, saga.DEADLINE)
    shop.clock.advance(1)
    failing = shop.start({"p-1": 1})
    intervene(shop, failing, Cancel(actor="shopper", reason="too slow"))
    shop.clock.advance(1)
    begun = shop.start({"p-1": 1})
    shop.run(saga.DEADLINE)

    assert stuck(shop) == {
        reserved: saga.ORDER_CREATION,
        failing: saga.STOCK_COMPENSATION,
        begun: saga.STOCK_RESERVATION,
    }
    assert ages(shop) == {saga.ORDER_CREATION: 2, saga.STOCK_COMPENSATION: 1, saga.STOCK_RESERVATION: 0}
    later(shop)
    assert (stuck(shop), ages(shop)) == ({}, {})
    invariants(shop)


def test_only_those_that_began_long_enough_ago_are_told() -> None:
    shop = a_shop()
    old = shop.start({"p-1": 1})
    shop.clock.advance(OLD_S)
    shop.start({"p-1": 1})
    shop.run(saga.DEADLINE)

    assert list(stuck(shop, OLD_S)) == [old]
    assert len(stuck(shop)) == 2
    assert len(shop.container.stuck_finder().older_than(0, count=1)[0]) == 1


def test_it_is_told_since_when_and_after_which_fact() -> None:
    shop = a_shop()
    shop.start({"p-1": 1})
    opened_s = shop.clock.now_s()
    shop.clock.advance(30)
    shop.run(saga.STOCK_RESERVATION, saga.DEADLINE)
    since_s = shop.clock.now_s()
    shop.clock.advance(OLD_S)

    (found,), _ = shop.container.stuck_finder().older_than(OLD_S, count=10)

    assert (found.opened_s, found.next.since_s, found.last_fact) == (opened_s, since_s, "StockReserved")
    assert found.view.step == "stock_reserved"


@pytest.mark.parametrize(
    "act",
    [RetryStep(actor=ACTOR, reason="once more"), LIFT, attrs.evolve(LIFT, expires_at_s=2e9)],
    ids=["retried", "without a deadline", "postponed"],
)
def test_what_an_operator_does_makes_no_wait_look_shorter(act: Intervene) -> None:
    shop = a_shop()
    checkout = shop.start({"p-1": 1})
    shop.run(saga.STOCK_RESERVATION, saga.DEADLINE)
    since_s = shop.clock.now_s()
    shop.clock.advance(OLD_S)
    intervene(shop, checkout, act)
    shop.clock.advance(1)

    (found,), _ = shop.container.stuck_finder().older_than(OLD_S, count=10)

    assert (found.next.worker, found.next.since_s) == (saga.ORDER_CREATION, since_s)


def test_what_another_program_adds_makes_no_wait_look_shorter() -> None:
    shop = a_shop()
    checkout = shop.start({"p-1": 1})
    since_s = shop.clock.now_s()
    shop.clock.advance(OLD_S)
    add_foreign(shop, "StockReleased", checkout)
    shop.run(saga.CQRS_PROJECTION, saga.DEADLINE)

    (found,), _ = shop.container.stuck_finder().older_than(OLD_S, count=10)

    assert (found.next.since_s, found.last_fact) == (since_s, "StockReleased")


def test_a_compensation_that_is_tried_again_in_vain_has_waited_since_it_first_got_stuck() -> None:
    closed, checkout = stuck_checkout()
    shop = closed.shop
    *_, failing_s, stuck_s = (event.recorded.recorded_at_s for event in shop.replay(checkout).events)
    assert failing_s < stuck_s
    shop.clock.advance(OLD_S)
    intervene(shop, checkout, RetryStep(actor=ACTOR, reason="once more"))
    (trying,), _ = shop.container.stuck_finder().older_than(0, count=10)
    closed.run_into_dead_letters()
    (again,), _ = shop.container.stuck_finder().older_than(0, count=10)

    assert (trying.next.worker, trying.next.since_s) == (saga.STOCK_COMPENSATION, failing_s)
    assert (again.next.worker, again.next.since_s) == (OPERATOR, stuck_s)


def test_what_was_never_handed_out_waits_for_a_worker_that_runs() -> None:
    shop = a_shop()
    shop.start({"p-1": 1})
    shop.run(saga.DEADLINE)

    assert why(shop) == f"{saga.STOCK_RESERVATION} has not come to it yet"
    assert "see whether the worker runs" in waits(shop).advice


def test_what_was_acknowledged_without_an_answer_is_to_be_tried_again_by_a_person() -> None:
    shop = a_shop()
    checkout = shop.start({"p-1": 1})
    shop.run(saga.DEADLINE)
    (start,) = receive_for(shop, saga.STOCK_RESERVATION, consumer="host-7")
    group = saga.STEPS[saga.STOCK_RESERVATION].group
    shop.bus.acknowledge(Subscription(stream=CHECKOUTS, group=group, consumer="host-7"), [start.position])
    shop.clock.advance(1)
    shop.start({"p-1": 1})  # which the group has not come to
    shop.run(saga.DEADLINE)

    (found, _), _ = shop.container.stuck_finder().older_than(0, count=100)
    assert found.next.why == f"{saga.STOCK_RESERVATION} was handed it and has not answered"
    assert f"comptoir checkout retry {checkout}" in found.next.advice


def test_what_a_consumer_holds_is_told_with_its_attempt_and_for_how_long() -> None:
    shop = a_shop()
    shop.start({"p-1": 1})
    shop.run(saga.DEADLINE)
    receive_for(shop, saga.STOCK_RESERVATION, consumer="host-7")
    shop.clock.advance(2.5)

    assert why(shop) == "host-7 has CheckoutInitiated in hand, attempt 1, for 2.5 s"


def test_a_dead_letter_is_named_with_its_reason() -> None:
    closed = ClosedShop(saga.STOCK_RESERVATION)
    closed.shop.start({"p-1": 3})
    closed.run_into_dead_letters()

    (letter,), _ = closed.shop.container.dead_letter_desk().page(Wanted(), count=10)
    assert why(closed.shop) == f"CheckoutInitiated was set aside after 2 attempts: {WHY}"
    assert f"comptoir dead-letters redrive {letter.id}" in waits(closed.shop).advice


def test_the_last_thing_that_should_have_woken_the_step_tells_why() -> None:
    closed = ClosedShop(saga.STOCK_RESERVATION)
    shop, checkout = closed.shop, closed.shop.start({"p-1": 3})
    closed.run_into_dead_letters()
    intervene(shop, checkout, RetryStep(actor=ACTOR, reason="once more"))
    shop.workers[saga.STOCK_RESERVATION].turn()

    assert why(shop) == f"attempt 1 at StepRetried failed: RuntimeError: {WHY}"


def test_whoever_asks_makes_no_group() -> None:
    shop = a_shop()
    shop.start({"p-1": 1})
    shop.run(saga.DEADLINE)
    group = saga.STEPS[saga.STOCK_RESERVATION].group
    shop.log.stream(CHECKOUTS).groups.pop(group, None)

    assert why(shop) == f"{saga.STOCK_RESERVATION} has not come to it yet"
    assert group not in shop.log.stream(CHECKOUTS).groups


def test_one_whose_stock_cannot_be_given_back_waits_for_an_operator() -> None:
    closed, checkout = stuck_checkout()

    assert stuck(closed.shop) == {checkout: OPERATOR}
    assert why(closed.shop) == f"giving back has failed for good: {WHY}"
    assert list(ages(closed.shop)) == [OPERATOR]


def test_tried_again_it_waits_on_the_step() -> None:
    closed, checkout = stuck_checkout()
    intervene(closed.shop, checkout, RetryStep(actor=ACTOR, reason="once more"))

    assert stuck(closed.shop) == {checkout: saga.STOCK_COMPENSATION}
    closed.warehouse.closed = False
    closed.shop.run()
    assert stuck(closed.shop) == {}
    invariants(closed.shop)


def test_one_without_a_deadline_is_not_forgotten() -> None:
    shop = a_shop()
    checkout = shop.start({"p-1": 1})
    intervene(shop, checkout, LIFT)
    shop.run(saga.DEADLINE)
    shop.clock.advance(10 * 86_400)
    shop.run(saga.DEADLINE)

    assert stuck(shop, 9 * 86_400) == {checkout: saga.STOCK_RESERVATION}


def test_one_that_ended_before_the_register_heard_of_it_is_left_out() -> None:
    shop = a_shop()
    shop.start({"p-1": 1})
    shop.run(saga.DEADLINE)
    shop.run(saga.STOCK_RESERVATION, saga.ORDER_CREATION)

    assert shop.container.open_checkouts().count() == 1
    assert (stuck(shop), ages(shop)) == ({}, {})


def test_nothing_open_asks_nothing_more() -> None:
    shop = a_shop()

    assert (stuck(shop), ages(shop)) == ({}, {})
