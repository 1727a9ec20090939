"""What a person does about a checkout: cancel, retry, force, resolve, give it time. Each is a fact of it."""

from collections.abc import Callable

import attrs
import pytest

from application.delivery import Delivery
from application.intervene import ACTOR_CHARS_MAX, REASON_CHARS_MAX, CheckoutDesk
from application.ports.dead_letters import Wanted
from application.ports.event_bus import Subscription
from application.streams import CHECKOUTS
from domain.checkout import saga
from domain.checkout.commands import (
    Cancel,
    ForceCompensation,
    Intervene,
    PostponeDeadline,
    Resolve,
    RetryStep,
)
from domain.checkout.events import CheckoutCancelled, CheckoutInitiated, Intervention
from domain.checkout.saga import STEPS
from domain.errors import CheckoutEnded, InvalidValue, UnknownCheckout
from tests.foreign import start_foreign
from tests.interruptions import InterruptedStore, later, quick_shop, receive_for, worker_on
from tests.invariants import invariants
from tests.shop import Shop
from tests.unit.application.closed_warehouse import ACTOR, WHY, ClosedShop, intervene, stuck_checkout

DEADLINE_S = 900
CANCEL = Cancel(actor=ACTOR, reason="too slow")
RETRY = RetryStep(actor=ACTOR, reason="once more")
FORCE = ForceCompensation(actor=ACTOR, reason="enough")
RESOLVE = Resolve(actor=ACTOR, reason="done by hand")
LIFT = PostponeDeadline(actor=ACTOR, reason="a big order", expires_at_s=None)
EVERY_COMMAND = pytest.mark.parametrize(
    "command", [CANCEL, RETRY, FORCE, RESOLVE, LIFT], ids=lambda command: type(command).__name__
)


@pytest.fixture
def shop() -> Shop:
    shop = quick_shop()
    shop.receive({"p-1": 5})
    return shop


def interrupted(shop: Shop, name: str, others: Callable[[], object]) -> None:
    """Worker `name` runs; `others` go first right before it appends to the checkout."""

    def interrupt() -> None:
        others()

    store = InterruptedStore(shop.store, lambda moment: moment.is_("before", "append", CHECKOUTS), interrupt)
    worker_on(shop, name, consumer="c-0", store=store).turn()
    assert store.happened


def interrupted_desk(shop: Shop, others: Callable[[], None]) -> CheckoutDesk:
    """A desk that decides, and `others` go first right before it says so."""
    return CheckoutDesk(
        InterruptedStore(shop.store, lambda moment: moment.is_("before", "append", CHECKOUTS), others)
    )


def until(shop: Shop, seconds: float) -> PostponeDeadline:
    return PostponeDeadline(actor=ACTOR, reason="wait", expires_at_s=shop.clock.now_s() + seconds)


class TestCancelling:
    def test_before_any_stock_was_taken_nothing_is_given_back(self, shop: Shop) -> None:
        checkout = shop.start({"p-1": 3})

        view = intervene(shop, checkout, CANCEL)
        shop.run(saga.STOCK_COMPENSATION)
        later(shop)

        assert (view.step, view.reason) == ("compensating", "cancelled: too slow")
        assert shop.facts(checkout) == ["CheckoutInitiated", "CheckoutCancelled", "CheckoutFailed"]
        assert shop.replay(checkout).view.reason == "cancelled: too slow"
        assert shop.stock("p-1") == (5, 0)
        invariants(shop)

    def test_with_stock_held_all_of_it_is_given_back(self, shop: Shop) -> None:
        checkout = shop.start({"p-1": 3})
        shop.run(saga.STOCK_RESERVATION)

        intervene(shop, checkout, CANCEL)
        shop.run()

        assert shop.facts(checkout)[2:] == ["CheckoutCancelled", "StockReleased", "CheckoutFailed"]
        assert (shop.stock("p-1"), shop.orders().total_orders) == ((5, 0), 0)
        invariants(shop)

    def test_before_the_order_is_written_there_is_none(self, shop: Shop) -> None:
        checkout = shop.start({"p-1": 3})
        shop.run(saga.STOCK_RESERVATION)

        interrupted(shop, saga.ORDER_CREATION, lambda: intervene(shop, checkout, CANCEL))
        later(shop)

        assert shop.facts(checkout)[1:] == [
            "StockReserved",
            "CheckoutCancelled",
            "StockReleased",
            "CheckoutFailed",
        ]
        assert (shop.stock("p-1"), shop.orders().total_orders) == ((5, 0), 0)
        invariants(shop)

    def test_after_the_order_was_written_it_is_too_late(self, shop: Shop) -> None:
        checkout = shop.start({"p-1": 3})
        shop.run(saga.STOCK_RESERVATION)
        desk = interrupted_desk(shop, lambda: shop.run(saga.ORDER_CREATION))

        with pytest.raises(CheckoutEnded):
            desk.intervene(checkout, CANCEL)

        later(shop)
        assert shop.facts(checkout)[1:] == ["StockReserved", "OrderCreated", "CheckoutSucceeded"]
        assert shop.stock("p-1") == (2, 3)
        invariants(shop)

    def test_while_the_stock_is_being_taken_it_is_put_back(self, shop: Shop) -> None:
        checkout = shop.start({"p-1": 3})

        interrupted(shop, saga.STOCK_RESERVATION, lambda: intervene(shop, checkout, CANCEL))

        assert shop.stock("p-1") == (5, 0)
        later(shop)
        assert "StockReserved" not in shop.facts(checkout)
        invariants(shop)

    def test_when_the_stock_was_stated_first_it_is_decided_again(self, shop: Shop) -> None:
        checkout = shop.start({"p-1": 3})
        desk = interrupted_desk(shop, lambda: shop.run(saga.STOCK_RESERVATION))

        view = desk.intervene(checkout, CANCEL)

        assert view.stock_reserved
        assert shop.facts(checkout) == ["CheckoutInitiated", "StockReserved", "CheckoutCancelled"]
        later(shop)
        assert shop.stock("p-1") == (5, 0)
        invariants(shop)

    def test_twice_it_is_cancelled_once(self, shop: Shop) -> None:
        checkout = shop.start({"p-1": 3})
        first = intervene(shop, checkout, CANCEL)

        assert intervene(shop, checkout, attrs.evolve(CANCEL, reason="again")) == first

        shop.run()
        assert shop.facts(checkout).count("CheckoutCancelled") == 1
        invariants(shop)

    def test_a_checkout_of_another_program_is_cancelled_like_any_other(self, shop: Shop) -> None:
        start_foreign(shop, "web-1", **{"p-1": 3})
        shop.run(saga.STOCK_RESERVATION)

        intervene(shop, "web-1", CANCEL)
        later(shop)

        assert shop.replay("web-1").view.status == "failed"
        assert shop.stock("p-1") == (5, 0)
        invariants(shop)


class TestRefusals:
    @EVERY_COMMAND
    @pytest.mark.parametrize("units", [3, 9], ids=["succeeded", "failed"])
    def test_an_ended_checkout_is_left_alone(self, shop: Shop, command: Intervene, units: int) -> None:
        checkout = shop.start({"p-1": units})
        shop.run()
        before = shop.facts(checkout)

        with pytest.raises(CheckoutEnded):
            intervene(shop, checkout, command)

        later(shop)
        assert shop.facts(checkout) == before
        invariants(shop)

    @EVERY_COMMAND
    def test_an_unknown_checkout_is_unknown(self, shop: Shop, command: Intervene) -> None:
        with pytest.raises(UnknownCheckout):
            intervene(shop, "nobody", command)

        assert shop.facts("nobody") == []

    @EVERY_COMMAND
    @pytest.mark.parametrize(
        ("actor", "reason", "wrong"),
        [
            (" ", "too slow", "actor"),
            ("x" * (ACTOR_CHARS_MAX + 1), "too slow", "actor"),
            (ACTOR, "", "reason"),
            (ACTOR, "x" * (REASON_CHARS_MAX + 1), "reason"),
        ],
    )
    def test_nobody_and_no_reason_are_refused(
        self, shop: Shop, command: Intervene, actor: str, reason: str, wrong: str
    ) -> None:
        checkout = shop.start({"p-1": 3})

        with pytest.raises(InvalidValue, match=wrong):
            intervene(shop, checkout, attrs.evolve(command, actor=actor, reason=reason))

        assert shop.facts(checkout) == ["CheckoutInitiated"]


class TestRetryingAStep:
    def test_what_was_set_aside_is_tried_again(self) -> None:
        closed = ClosedShop(saga.STOCK_RESERVATION)
        shop, checkout = closed.shop, closed.shop.start({"p-1": 3})
        closed.run_into_dead_letters()
        (kept,), _ = shop.container.dead_letter_desk().page(Wanted(), count=10)
        assert (kept.checkout_id, kept.reason, shop.facts(checkout)) == (
            checkout,
            WHY,
            ["CheckoutInitiated"],
        )
        closed.warehouse.closed = False

        view = intervene(shop, checkout, RETRY)
        shop.run()

        assert view.step == "initiated"
        assert shop.facts(checkout)[1:] == [
            "StepRetried",
            "StockReserved",
            "OrderCreated",
            "CheckoutSucceeded",
        ]
        invariants(shop)

    def test_and_its_dead_letter_redriven_later_changes_nothing(self) -> None:
        closed = ClosedShop(saga.STOCK_RESERVATION)
        shop, checkout = closed.shop, closed.shop.start({"p-1": 3})
        closed.run_into_dead_letters()
        closed.warehouse.closed = False
        intervene(shop, checkout, RETRY)
        shop.run()
        before = shop.facts(checkout)

        desk = shop.container.dead_letter_desk()
        assert set(desk.redrive_all(Wanted(), actor=ACTOR).values()) == {"redriven"}
        later(shop)

        assert (shop.facts(checkout), shop.stock("p-1")) == (before, (2, 3))
        invariants(shop)

    def test_a_step_that_only_waits_does_its_work_once(self, shop: Shop) -> None:
        checkout = shop.start({"p-1": 3})
        shop.run(saga.STOCK_RESERVATION)

        for _ in range(2):
            intervene(shop, checkout, RETRY)
        later(shop)

        assert shop.facts(checkout).count("OrderCreated") == shop.facts(checkout).count("StockReserved") == 1
        assert shop.stock("p-1") == (2, 3)
        invariants(shop)

    def test_a_checkout_that_failed_meanwhile_is_not_taken_stock_for(self, shop: Shop) -> None:
        checkout = shop.start({"p-1": 3})
        intervene(shop, checkout, RETRY)
        interrupted(shop, saga.STOCK_RESERVATION, lambda: intervene(shop, checkout, CANCEL))
        later(shop)

        assert shop.stock("p-1") == (5, 0)
        invariants(shop)


class TestForcingACompensation:
    @pytest.mark.parametrize("steps", [[], [saga.STOCK_RESERVATION]], ids=["before stock", "stock held"])
    def test_everything_is_given_back_and_the_operator_is_the_source(
        self, shop: Shop, steps: list[str]
    ) -> None:
        checkout = shop.start({"p-1": 3})
        if steps:
            shop.run(*steps)

        intervene(shop, checkout, FORCE)
        shop.run(saga.STOCK_COMPENSATION)
        later(shop)

        assert shop.facts(checkout)[-1] == "CheckoutFailed"
        assert ("StockReleased" in shop.facts(checkout)) == bool(steps)
        assert shop.replay(checkout).view.reason == "enough"
        assert shop.stock("p-1") == (5, 0)
        invariants(shop)

    def test_before_the_order_is_written_there_is_none(self, shop: Shop) -> None:
        checkout = shop.start({"p-1": 3})
        shop.run(saga.STOCK_RESERVATION)

        interrupted(shop, saga.ORDER_CREATION, lambda: intervene(shop, checkout, FORCE))
        later(shop)

        assert (shop.stock("p-1"), shop.orders().total_orders) == ((5, 0), 0)
        invariants(shop)


class TestACompensationThatFailsForGood:
    def test_the_checkout_says_so_itself_and_is_counted(self) -> None:
        closed, checkout = stuck_checkout()
        shop = closed.shop

        assert shop.facts(checkout)[2:] == ["CheckoutCancelled", "CompensationFailed"]
        assert shop.replay(checkout).view.step == "compensation_failed"
        assert shop.telemetry.published_types["CompensationFailed"] == 1
        assert shop.stock("p-1") == (2, 3)
        invariants(shop, idle=False)

    def test_no_time_and_no_deadline_makes_it_forgotten_or_said_twice(self) -> None:
        closed, checkout = stuck_checkout()
        shop = closed.shop

        for _ in range(3):
            shop.pass_time(DEADLINE_S)

        assert shop.facts(checkout).count("CompensationFailed") == 1
        assert shop.facts(checkout)[-1] == "CompensationFailed"
        assert shop.container.open_checkouts().count() == 1

    @pytest.mark.parametrize("command", [RETRY, FORCE], ids=["retry", "force"])
    def test_tried_again_it_gives_back_and_ends(self, command: Intervene) -> None:
        closed, checkout = stuck_checkout()
        closed.warehouse.closed = False

        view = intervene(closed.shop, checkout, command)
        closed.shop.run()

        assert view.step == "compensating"
        assert closed.shop.facts(checkout)[-2:] == ["StockReleased", "CheckoutFailed"]
        assert closed.shop.replay(checkout).view.reason == "cancelled: too slow"
        assert closed.shop.stock("p-1") == (5, 0)
        assert closed.shop.container.open_checkouts().count() == 0
        invariants(closed.shop)

    def test_tried_again_in_vain_it_waits_for_an_operator_again(self) -> None:
        closed, checkout = stuck_checkout()

        intervene(closed.shop, checkout, RETRY)
        closed.run_into_dead_letters()

        assert closed.shop.facts(checkout)[-2:] == ["StepRetried", "CompensationFailed"]
        assert closed.shop.replay(checkout).view.step == "compensation_failed"
        closed.warehouse.closed = False
        intervene(closed.shop, checkout, RETRY)
        closed.shop.run()
        assert closed.shop.stock("p-1") == (5, 0)
        invariants(closed.shop)

    def test_a_cancellation_of_it_changes_nothing(self) -> None:
        closed, checkout = stuck_checkout()
        before = closed.shop.facts(checkout)

        assert intervene(closed.shop, checkout, CANCEL).step == "compensation_failed"
        assert intervene(closed.shop, checkout, LIFT).step == "compensation_failed"

        assert closed.shop.facts(checkout) == before


class TestResolvingByHand:
    def test_it_ends_and_what_we_hold_is_given_back(self) -> None:
        closed, checkout = stuck_checkout()
        closed.warehouse.closed = False

        view = intervene(closed.shop, checkout, RESOLVE)
        closed.shop.run()

        assert (view.step, view.reason) == ("failed", "cancelled: too slow")
        assert closed.shop.facts(checkout)[-2:] == ["CheckoutResolved", "CheckoutFailed"]
        assert closed.shop.stock("p-1") == (5, 0)
        invariants(closed.shop)

    @pytest.mark.parametrize("steps", [[], [saga.STOCK_RESERVATION]], ids=["before stock", "stock held"])
    def test_also_before_anything_failed(self, shop: Shop, steps: list[str]) -> None:
        checkout = shop.start({"p-1": 3})
        if steps:
            shop.run(*steps)

        intervene(shop, checkout, RESOLVE)
        later(shop)

        assert shop.replay(checkout).view.reason == "resolved by hand: done by hand"
        assert shop.facts(checkout)[-2:] == ["CheckoutResolved", "CheckoutFailed"]
        assert shop.stock("p-1") == (5, 0)
        invariants(shop)

    def test_while_the_stock_is_being_taken_it_is_put_back(self, shop: Shop) -> None:
        checkout = shop.start({"p-1": 3})

        interrupted(shop, saga.STOCK_RESERVATION, lambda: intervene(shop, checkout, RESOLVE))
        later(shop)

        assert shop.stock("p-1") == (5, 0)
        invariants(shop)


@EVERY_COMMAND
def test_every_act_is_in_the_replay_with_who_and_why(shop: Shop, command: Intervene) -> None:
    checkout = shop.start({"p-1": 3})
    shop.run(saga.STOCK_RESERVATION)

    intervene(shop, checkout, command)
    later(shop)

    (act,) = [
        replayed.recorded.event
        for replayed in shop.replay(checkout).events
        if isinstance(replayed.recorded.event, Intervention)
    ]
    assert (act.actor, act.reason) == (command.actor, command.reason)
    invariants(shop)


class TestDeadlines:
    def test_a_postponed_checkout_expires_at_its_new_time_and_no_sooner(self, shop: Shop) -> None:
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

    def test_a_deadline_may_be_brought_forward(self, shop: Shop) -> None:
        checkout = shop.start({"p-1": 3})
        intervene(shop, checkout, until(shop, 10))
        shop.run(saga.DEADLINE)

        shop.clock.advance(11)
        shop.run(saga.DEADLINE)

        assert shop.facts(checkout)[-1] == "CheckoutDeadlineExpired"

    def test_a_lifted_deadline_never_comes(self, shop: Shop) -> None:
        checkout = shop.start({"p-1": 3})
        intervene(shop, checkout, LIFT)

        for _ in range(5):
            shop.clock.advance(DEADLINE_S)
            shop.run(saga.DEADLINE)

        assert shop.facts(checkout) == ["CheckoutInitiated", "DeadlinePostponed"]
        later(shop)
        assert shop.facts(checkout)[-1] == "CheckoutSucceeded"
        invariants(shop)

    def test_a_lifted_deadline_may_be_set_again(self, shop: Shop) -> None:
        checkout = shop.start({"p-1": 3})
        intervene(shop, checkout, LIFT)
        shop.run(saga.DEADLINE)
        intervene(shop, checkout, until(shop, 60))
        shop.run(saga.DEADLINE)

        shop.clock.advance(61)
        shop.run(saga.DEADLINE)

        assert shop.facts(checkout)[-1] == "CheckoutDeadlineExpired"

    @pytest.mark.parametrize("first", ["older", "newer"])
    def test_the_last_word_stands_in_whichever_order_they_come_round(self, shop: Shop, first: str) -> None:
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
        self, shop: Shop, expires_s: float | None, heard: bool
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

    def test_a_word_that_comes_after_it_has_expired_changes_nothing(self, shop: Shop) -> None:
        checkout = shop.start({"p-1": 3})
        shop.run(saga.STOCK_RESERVATION, saga.DEADLINE)
        shop.clock.advance(DEADLINE_S + 1)
        desk = interrupted_desk(shop, lambda: shop.run(saga.DEADLINE))

        assert desk.intervene(checkout, LIFT).step == "compensating"

        later(shop)
        assert "DeadlinePostponed" not in shop.facts(checkout)
        assert shop.stock("p-1") == (5, 0)
        invariants(shop)

    def test_a_word_heard_before_the_start_has_come_round_stands(self, shop: Shop) -> None:
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

    def test_an_ended_checkout_is_off_the_timetable_whatever_was_said(self, shop: Shop) -> None:
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


def test_the_start_and_the_acts_are_the_only_facts_without_a_cause(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    intervene(shop, checkout, CANCEL)
    later(shop)

    (history,) = shop.store.read(CHECKOUTS, [checkout])
    without = {type(recorded.event) for recorded in history if recorded.causation_id is None}
    assert without == {CheckoutInitiated, CheckoutCancelled}
