"""Why a checkout stands as it does, whose turn it is, and what a person can do about it."""

from application.events.streams import CALLS, CHECKOUTS
from application.ports.dead_letters import Decision
from application.questions.explain_checkout import Explanation
from application.questions.whose_turn import Next
from domain.checkout import saga
from domain.checkout.evolving import OPERATOR
from tests.foreign import start_foreign
from tests.interruptions import receive_for
from tests.shop import Shop
from tests.shop_elsewhere import ShopElsewhere
from tests.unit.application.closed_warehouse import WHY, ClosedShop, stuck_checkout

BY_ADA = Decision(actor="ada", reason="it is open again", at_s=1_700_000_100.0)


def explained(shop: Shop, checkout_id: str, as_of: str | None = None) -> Explanation:
    told = shop.container.explainer().explain(checkout_id, as_of=as_of)
    assert isinstance(told, Explanation)
    return told


def turn(shop: Shop, checkout_id: str) -> Next:
    """Whose it is."""
    found = explained(shop, checkout_id).next
    assert found is not None
    return found


def states(shop: Shop, checkout_id: str) -> list[tuple[str, str, int]]:
    """(step, what became of it, attempts) of each trouble."""
    return [(t.worker, t.state, t.attempts) for t in explained(shop, checkout_id).troubles]


def test_one_that_ended_well_waits_for_nothing_and_had_no_trouble() -> None:
    shop = Shop()
    shop.receive({"p-1": 3})
    checkout = shop.start({"p-1": 1})
    shop.run()

    told = explained(shop, checkout)

    assert told.replay == shop.replay(checkout)
    assert (told.next, list(told.troubles), list(told.calls)) == (None, [], [])


def test_one_that_no_worker_has_come_to_says_so() -> None:
    shop = Shop()
    checkout = shop.start({"p-1": 1})

    told = turn(shop, checkout)

    assert (told.worker, told.does) == (saga.STOCK_RESERVATION, "reserve every line or none")
    assert told.since_s == shop.clock.now_s()
    assert told.why == "stock-reservation has not come to it yet"
    assert "comptoir workers" in told.advice


def test_one_in_hand_says_with_whom() -> None:
    shop = Shop()
    checkout = shop.start({"p-1": 1})
    receive_for(shop, saga.STOCK_RESERVATION, consumer="c-7")

    assert turn(shop, checkout).why == "c-7 has CheckoutInitiated in hand, attempt 1, for 0.0 s"
    assert states(shop, checkout) == []


def test_one_whose_answer_was_lost_is_to_be_tried_again_by_a_person() -> None:
    shop = Shop()
    checkout = shop.start({"p-1": 1})
    (delivery,) = receive_for(shop, saga.STOCK_RESERVATION, consumer="c-7")
    (subscription,) = [shop.workers[saga.STOCK_RESERVATION]._subscription]
    shop.bus.acknowledge(subscription, [delivery.position])

    told = turn(shop, checkout)

    assert told.why == "stock-reservation was handed it and has not answered"
    assert f"comptoir checkout retry {checkout}" in told.advice


def test_an_attempt_that_failed_is_told_with_its_error_until_it_succeeds() -> None:
    closed = ClosedShop(saga.STOCK_RESERVATION)
    closed.warehouse.closed = False
    checkout = closed.shop.start({"p-1": 3})
    closed.warehouse.closed = True
    closed.shop.run(saga.STOCK_RESERVATION)

    assert turn(closed.shop, checkout).why == f"attempt 1 at CheckoutInitiated failed: RuntimeError: {WHY}"
    assert states(closed.shop, checkout) == [(saga.STOCK_RESERVATION, "tried again", 1)]

    closed.warehouse.closed = False
    closed.shop.pass_time(5)
    told = explained(closed.shop, checkout)
    assert (told.replay.view.status, told.next, list(told.troubles)) == ("succeeded", None, [])


def test_a_dead_letter_of_it_is_told_with_how_to_redrive_it_and_stays_in_the_story() -> None:
    closed = ClosedShop(saga.STOCK_RESERVATION)
    checkout = closed.shop.start({"p-1": 3})
    closed.run_into_dead_letters()
    (letter,) = [trouble.dead_letter for trouble in explained(closed.shop, checkout).troubles]

    told = turn(closed.shop, checkout)
    assert told.why == f"CheckoutInitiated was set aside after 2 attempts: {WHY}"
    assert f"comptoir dead-letters redrive {letter}" in told.advice

    closed.shop.container.dead_letters().redrive(CHECKOUTS, letter, BY_ADA)
    assert turn(closed.shop, checkout).why == "CheckoutInitiated was handed out again and not taken yet"

    closed.warehouse.closed = False
    closed.shop.pass_time(5)
    after = explained(closed.shop, checkout)
    assert after.replay.view.status == "succeeded"
    assert [(t.state, t.decision) for t in after.troubles] == [("redriven", BY_ADA)]


def test_the_troubles_of_another_checkout_are_not_its_own() -> None:
    closed = ClosedShop(saga.STOCK_RESERVATION)
    first, second = closed.shop.start({"p-1": 1}), closed.shop.start({"p-1": 1})
    closed.run_into_dead_letters()

    told = [explained(closed.shop, checkout) for checkout in (first, second)]

    (one,), (other,) = [explanation.troubles for explanation in told]
    assert one.position != other.position
    assert one.dead_letter != other.dead_letter


def test_a_compensation_given_up_waits_for_an_operator() -> None:
    closed, checkout = stuck_checkout()

    told = turn(closed.shop, checkout)

    assert (told.worker, told.why) == (OPERATOR, f"giving back has failed for good: {WHY}")
    assert f"comptoir checkout retry {checkout}" in told.advice


def test_a_call_in_doubt_waits_for_an_operator_whatever_else_is_going_on() -> None:
    shop = ShopElsewhere()
    shop.sales.faults.append("lost-after")
    checkout = shop.start({"p-1": 2})
    shop.run()

    told = explained(shop, checkout)

    assert [view.id for view in told.calls] == [f"{checkout}:take-1", f"{checkout}:enter-1"]
    assert told.next is not None
    assert (told.next.worker, told.next.why) == (OPERATOR, "in doubt: enter-1: no answer in time")
    assert f"comptoir calls show {checkout}:enter-1" in told.next.advice


def test_a_service_that_is_out_of_reach_is_named() -> None:
    shop = ShopElsewhere()
    shop.inventory.always = "not-reached"
    checkout = shop.start({"p-1": 2})
    shop.run(saga.STOCK_RESERVATION)

    assert "connection refused" in turn(shop, checkout).why


def test_as_of_a_moment_the_calls_are_those_of_then_and_nothing_is_told_of_now() -> None:
    shop = ShopElsewhere()
    shop.sales.faults.append("lost-after")
    checkout = shop.start({"p-1": 2})
    begun = str(shop.clock.now_s())
    shop.clock.advance(60)
    shop.run()

    then = explained(shop, checkout, begun)

    assert (list(then.calls), list(then.troubles), then.next) == ([], [], None)
    assert len(shop.store.read(CALLS, [checkout])[0]) > 0


def test_one_that_another_program_began_is_explained_like_any_other() -> None:
    shop = Shop()
    shop.receive({"p-1": 3})
    start_foreign(shop, "f-1", p_1=2)
    shop.run()

    assert explained(shop, "f-1").replay.view.status == "succeeded"


def test_there_is_nothing_to_explain_of_what_never_began() -> None:
    assert Shop().container.explainer().explain("c-404") is None
