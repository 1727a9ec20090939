"""Every step of the saga, interrupted after each call it makes: by its own death, and by others.

Whatever happens at whichever moment, the invariants hold once time has passed and somebody is there to work.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from typing import Final

import attrs
import pytest

from domain.checkout import saga
from entrypoints.settings import Settings
from tests.interruptions import Crash, InterruptedStore, Moment, crash, later, quick_shop, worker_on
from tests.invariants import invariants
from tests.shop import Shop

TAKEN_OVER_AFTER_S: Final = 31
TOO_LATE_S: Final = 901


@attrs.frozen
class Scene:
    """A shop in which the next turn of `worker` has something to do."""

    worker: str
    prepare: Callable[[Shop], None]
    settings: Settings = attrs.Factory(Settings)

    def shop(self) -> Shop:
        shop = quick_shop(Shop(settings=self.settings))
        shop.receive({"p-1": 3, "p-2": 3})
        self.prepare(shop)
        return shop


def _start(shop: Shop) -> None:
    shop.start({"p-1": 2, "p-2": 1}, key="first")
    shop.start({"p-1": 2}, key="second, for which too little is left")


def _reserve(shop: Shop) -> None:
    _start(shop)
    shop.run(saga.STOCK_RESERVATION, saga.DEADLINE)


def _refuse_the_order(shop: Shop) -> None:
    _reserve(shop)
    shop.run(saga.ORDER_CREATION)


def _let_the_time_run_out(shop: Shop) -> None:
    _reserve(shop)
    shop.clock.advance(TOO_LATE_S)


def _expire(shop: Shop) -> None:
    _start(shop)
    shop.run(saga.DEADLINE)
    shop.clock.advance(TOO_LATE_S)
    shop.run(saga.DEADLINE)


def _run_to_the_end(shop: Shop) -> None:
    _start(shop)
    shop.run(*(name for name in shop.workers if name != saga.CQRS_PROJECTION))


LOW_LIMIT = Settings(order_total_max=Decimal("25.00"))
SCENES: Final = {
    "reserving": Scene(saga.STOCK_RESERVATION, _start),
    "reserving too late": Scene(saga.STOCK_RESERVATION, _expire),
    "ordering": Scene(saga.ORDER_CREATION, _reserve),
    "refusing an order": Scene(saga.ORDER_CREATION, _reserve, LOW_LIMIT),
    "giving back": Scene(saga.STOCK_COMPENSATION, _refuse_the_order, LOW_LIMIT),
    "expiring": Scene(saga.DEADLINE, _let_the_time_run_out),
    "projecting": Scene(saga.CQRS_PROJECTION, _run_to_the_end),
}


def in_scenes(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("scene", [SCENES[name] for name in names], ids=names)


in_every_scene = in_scenes(*SCENES)


def at_each_moment(
    scene: Scene, interruption: Callable[[Shop], None]
) -> Iterator[tuple[Shop, InterruptedStore]]:
    """A new shop for each moment of a turn of the scene's worker, after that turn was interrupted there.

    After one call is before the next, so every second moment is enough.
    """
    for number in range(2, 100, 2):
        shop = scene.shop()
        at = partial(_is_number, number)
        store = InterruptedStore(shop.store, at, partial(interruption, shop))
        interrupted = worker_on(shop, scene.worker, consumer="c-0", store=store)
        try:
            while interrupted.turn():
                pass
        except Crash:
            assert store.happened
        if not store.happened:
            assert number > 2, "the worker had nothing to do"
            return
        yield shop, store
    raise AssertionError("the turn has no end")


def _is_number(number: int, moment: Moment) -> bool:
    return moment.number == number


def _die(shop: Shop) -> None:
    crash()


@in_every_scene
def test_a_step_that_dies_anywhere_is_done_by_another_consumer(scene: Scene) -> None:
    for shop, _ in at_each_moment(scene, _die):
        shop.pass_time(TAKEN_OVER_AFTER_S)
        invariants(shop, idle=False)
        later(shop)
        invariants(shop)


@in_scenes("reserving", "ordering", "giving back")
def test_a_step_that_dies_anywhere_is_done_after_its_restart_without_waiting(scene: Scene) -> None:
    for shop, _ in at_each_moment(scene, _die):
        worker_on(shop, scene.worker, consumer="c-0").turn()
        shop.run()
        invariants(shop)


@in_scenes("reserving", "ordering", "refusing an order")
def test_a_step_that_dies_anywhere_may_find_its_checkout_expired_and_ended(scene: Scene) -> None:
    for shop, _ in at_each_moment(scene, _die):
        shop.clock.advance(TOO_LATE_S)
        for name in (saga.DEADLINE, saga.STOCK_COMPENSATION):
            shop.run(name)
        invariants(shop, idle=False)
        later(shop)
        invariants(shop)


@in_every_scene
def test_a_zombie_changes_nothing_that_another_consumer_has_done(scene: Scene) -> None:
    """Its deliveries are claimed and handled, and the saga goes on, while it sleeps between two calls."""
    for shop, _ in at_each_moment(scene, lambda shop: shop.pass_time(TAKEN_OVER_AFTER_S)):
        later(shop)
        invariants(shop)


@in_scenes("reserving", "ordering", "giving back")
def test_a_zombie_may_sleep_beyond_the_deadline(scene: Scene) -> None:
    for shop, _ in at_each_moment(scene, lambda shop: shop.pass_time(TOO_LATE_S)):
        later(shop)
        invariants(shop)


@in_scenes("reserving", "ordering", "refusing an order", "giving back")
def test_the_deadline_may_fire_between_any_two_calls(scene: Scene) -> None:
    def expire(shop: Shop) -> None:
        shop.clock.advance(TOO_LATE_S)
        shop.run(saga.DEADLINE)

    for shop, _ in at_each_moment(scene, expire):
        later(shop)
        invariants(shop)


@in_scenes("reserving", "giving back")
def test_others_may_take_the_stock_between_any_two_calls(scene: Scene) -> None:
    def buy(shop: Shop) -> None:
        shop.start({"p-2": 2}, key="third")
        shop.start({"p-1": 1}, key="fourth")
        worker_on(shop, saga.STOCK_RESERVATION, consumer="c-9").turn()

    for shop, _ in at_each_moment(scene, buy):
        later(shop)
        invariants(shop)


@in_scenes("reserving", "giving back")
def test_stock_may_come_in_between_any_two_calls(scene: Scene) -> None:
    for shop, _ in at_each_moment(scene, lambda shop: shop.receive({"p-1": 5})):
        later(shop)
        invariants(shop)
