"""A checkout that is given more time, less, or all it needs."""

import pytest

from application.events.streams import CHECKOUTS
from application.ports.delivery import Delivery
from application.ports.event_bus import Subscription
from application.steps.expire_checkout import SWEEP_EVERY_S, SWEPT_MAX
from domain.checkout import saga
from domain.checkout.saga import STEPS
from domain.errors import CheckoutFailing
from tests.interruptions import handler_on, later, quick_shop, receive_for
from tests.invariants import invariants
from tests.shop import Shop
from tests.unit.application.acts import DEADLINE_S, LIFT, interrupted, interrupted_desk, until
from tests.unit.application.closed_warehouse import intervene


@pytest.fixture
def shop() -> Shop:
    shop = quick_shop()
    shop.receive({"p-1": 5})
    return shop


def test_a_postponed_checkout_expires_at_its_new_time_and_no_sooner(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    shop.run(saga.STOCK_RESERVATION, saga.DEADLINE)
    intervene(shop, checkout, until(shop, 2 * DEADLINE_S))

    for _ in range(2):
        shop.clock.advance(DEADLINE_S - 1)
        shop.run(saga.DEADLINE)
    assert shop.facts(checkout)[-1] == "DeadlinePostponed"

    shop.clock.advance(3)
    shop.run(saga.DEADLINE)
    assert shop.facts(checkout)[-1] == "CheckoutDeadlineExpired"
    later(shop)
    assert shop.stock("p-1") == (5, 0)
    invariants(shop)


def test_a_deadline_may_be_brought_forward(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    intervene(shop, checkout, until(shop, 10))
    shop.run(saga.DEADLINE)

    shop.clock.advance(11)
    shop.run(saga.DEADLINE)

    assert shop.facts(checkout)[-1] == "CheckoutDeadlineExpired"


def test_a_lifted_deadline_never_comes(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    intervene(shop, checkout, LIFT)

    for _ in range(5):
        shop.clock.advance(DEADLINE_S)
        shop.run(saga.DEADLINE)

    assert shop.facts(checkout) == ["CheckoutInitiated", "DeadlinePostponed"]
    later(shop)
    assert shop.facts(checkout)[-1] == "CheckoutSucceeded"
    invariants(shop)


def test_a_lifted_deadline_may_be_set_again(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    intervene(shop, checkout, LIFT)
    shop.run(saga.DEADLINE)
    intervene(shop, checkout, until(shop, 60))
    shop.run(saga.DEADLINE)

    shop.clock.advance(61)
    shop.run(saga.DEADLINE)

    assert shop.facts(checkout)[-1] == "CheckoutDeadlineExpired"


@pytest.mark.parametrize("expires_s", [None, 60], ids=["lifted", "postponed"])
def test_the_same_word_twice_is_one_fact(shop: Shop, expires_s: float | None) -> None:
    checkout = shop.start({"p-1": 3})
    word = until(shop, expires_s) if expires_s else LIFT

    changed = [intervene(shop, checkout, word).changed for _ in range(2)]

    assert changed == [True, False]
    assert shop.facts(checkout) == ["CheckoutInitiated", "DeadlinePostponed"]


@pytest.mark.parametrize("first", ["older", "newer"])
def test_the_last_word_stands_in_whichever_order_they_come_round(shop: Shop, first: str) -> None:
    checkout = shop.start({"p-1": 3})
    shop.run(saga.DEADLINE)
    intervene(shop, checkout, until(shop, 5 * DEADLINE_S))
    intervene(shop, checkout, until(shop, 60))
    older, newer = worker_deliveries(shop)
    handler = shop.container.handler(saga.DEADLINE)
    for delivery in (older, newer) if first == "older" else (newer, older):
        assert handler.handle([delivery]) == {}

    shop.clock.advance(61)
    handler.tick()

    assert shop.facts(checkout)[-1] == "CheckoutDeadlineExpired"


@pytest.mark.parametrize("heard", [False, True], ids=["not heard yet", "heard by another"])
@pytest.mark.parametrize("expires_s", [None, 2 * DEADLINE_S], ids=["lifted", "postponed"])
def test_a_word_that_comes_while_the_checkout_expires_stands(
    shop: Shop, expires_s: float | None, heard: bool
) -> None:
    checkout = shop.start({"p-1": 3})
    shop.run(saga.DEADLINE)
    shop.clock.advance(DEADLINE_S + 1)
    word = until(shop, expires_s) if expires_s else LIFT

    def speak() -> None:
        intervene(shop, checkout, word)
        if heard:
            heard_by_another(shop)

    interrupted(shop, saga.DEADLINE, speak)
    shop.run(saga.DEADLINE)
    assert shop.facts(checkout)[-1] == "DeadlinePostponed"

    shop.clock.advance(2 * DEADLINE_S + 1)
    shop.run(saga.DEADLINE)
    assert (shop.facts(checkout)[-1] == "CheckoutDeadlineExpired") == (expires_s is not None)
    later(shop)
    invariants(shop)


def test_a_word_that_comes_after_it_has_expired_is_refused(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    shop.run(saga.STOCK_RESERVATION, saga.DEADLINE)
    shop.clock.advance(DEADLINE_S + 1)
    desk = interrupted_desk(shop, lambda: shop.run(saga.DEADLINE))

    with pytest.raises(CheckoutFailing):
        desk.intervene(checkout, LIFT)

    later(shop)
    assert "DeadlinePostponed" not in shop.facts(checkout)
    assert shop.stock("p-1") == (5, 0)
    invariants(shop)


def test_a_word_heard_before_the_start_has_come_round_stands(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    intervene(shop, checkout, until(shop, 3 * DEADLINE_S))
    start, word = worker_deliveries(shop)
    handler = shop.container.handler(saga.DEADLINE)
    for delivery in (word, start):
        handler.handle([delivery])

    assert shop.container.deadlines().upcoming(count=10) == (
        [(checkout, shop.clock.now_s() + 3 * DEADLINE_S)],
        None,
    )


def test_an_ended_checkout_is_off_the_timetable_whatever_was_said(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    intervene(shop, checkout, until(shop, 60))
    start, word = worker_deliveries(shop)
    later(shop)
    handler = shop.container.handler(saga.DEADLINE)
    for delivery in (start, word):  # a consumer that slept through it all
        handler.handle([delivery])

    later(shop)

    assert shop.container.deadlines().upcoming(count=10) == ([], None)
    assert shop.container.open_checkouts().count() == 0
    invariants(shop)


def heard_by_another(shop: Shop) -> None:
    """Another consumer of the deadline worker deals with what there is; it does not come round again."""
    deliveries = worker_deliveries(shop)
    shop.container.handler(saga.DEADLINE).handle(deliveries)
    subscription = Subscription(stream=CHECKOUTS, group=STEPS[saga.DEADLINE].group, consumer="c-9")
    shop.bus.acknowledge(subscription, [delivery.position for delivery in deliveries])


def worker_deliveries(shop: Shop) -> list[Delivery]:
    """What the deadline worker gets next, held by a consumer that does nothing with it."""
    return receive_for(shop, saga.DEADLINE, consumer="c-9")


def test_a_start_that_comes_round_after_the_end_is_not_counted_as_open_for_long(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    late = receive_for(shop, saga.DEADLINE, consumer="slow")
    shop.run()
    handler_on(shop, saga.DEADLINE).handle(late)
    register = shop.container.open_checkouts()
    assert [id_ for id_, _ in register.oldest(count=10)] == [checkout]

    shop.pass_time(SWEEP_EVERY_S)

    assert register.count() == 0
    assert shop.container.deadlines().due(shop.clock.now_s() + 2 * DEADLINE_S, count=10) == []


def test_what_is_open_stays_in_the_register_however_often_it_is_swept(shop: Shop) -> None:
    shop.run(saga.DEADLINE)
    checkouts = [shop.start({"p-9": 1}) for _ in range(SWEPT_MAX + 5)]

    for _ in range(4):
        shop.clock.advance(SWEEP_EVERY_S)
        shop.run(saga.DEADLINE)

    assert shop.container.open_checkouts().count() == len(checkouts)


def test_a_long_register_is_swept_to_its_end(shop: Shop) -> None:
    for _ in range(SWEPT_MAX + 5):
        shop.start({"p-9": 1})
    shop.run(saga.DEADLINE)
    shop.clock.advance(1)
    checkout = shop.start({"p-1": 1})
    late = receive_for(shop, saga.DEADLINE, consumer="slow")
    shop.run(saga.STOCK_RESERVATION, saga.ORDER_CREATION)
    shop.run(saga.DEADLINE)
    handler_on(shop, saga.DEADLINE).handle(late)
    assert checkout in dict(shop.container.open_checkouts().oldest(count=1_000))

    for _ in range(2):
        shop.clock.advance(SWEEP_EVERY_S)
        shop.run(saga.DEADLINE)

    assert checkout not in dict(shop.container.open_checkouts().oldest(count=1_000))
