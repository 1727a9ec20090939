"""A group that is lost and begins again at the start of the stream: nothing has its effect twice."""

from decimal import Decimal

import pytest
from dependency_injector import providers

from adapters.inmemory.read_model import InMemoryReadModel
from application.events.streams import CHECKOUTS, INVENTORY
from domain.checkout.saga import SAGA, STEPS, STOCK_RESERVATION, Step
from entrypoints.settings import Settings
from tests.interruptions import later, quick_shop
from tests.invariants import entries, invariants
from tests.shop import Shop

every_group = pytest.mark.parametrize("step", SAGA, ids=lambda step: step.worker)
how_long_after = pytest.mark.parametrize("seconds", [1, 3_600], ids=["at once", "an hour later"])


@pytest.fixture
def shop() -> Shop:
    """With a success, a shortage, a refused order and an expired checkout behind it."""
    shop = quick_shop(Shop(settings=Settings(order_total_max=Decimal(100))))
    shop.receive({"p-1": 30})
    shop.start({"p-1": 2})
    shop.start({"p-1": 50})
    shop.start({"p-1": 11})
    shop.run()
    shop.start({"p-1": 1})
    shop.run("deadline")
    shop.clock.advance(901)
    shop.run("deadline")
    later(shop)
    return shop


def begin_again(shop: Shop, step: Step) -> None:
    """The group and its checkpoint are lost: every event is delivered once more, as if for the first time."""
    shop.log.stream(CHECKOUTS).checkpoints.pop(step.group, None)
    shop.bus.forget_group(CHECKOUTS, step.group)


def picture(shop: Shop) -> object:
    """Everything that a second effect would change."""
    return (
        list(entries(shop, CHECKOUTS)),
        shop.stock("p-1"),
        shop.orders(),
        list(shop.notifier.sent),
        list(shop.audit_log.entries),
    )


@every_group
@how_long_after
def test_a_group_begun_again_changes_nothing(shop: Shop, step: Step, seconds: int) -> None:
    shop.pass_time(seconds)
    before = picture(shop)
    seen = shop.telemetry.consumed_types.total()

    begin_again(shop, step)
    later(shop)

    assert shop.telemetry.consumed_types.total() > seen, "nothing was delivered again"
    assert picture(shop) == before
    invariants(shop)


@how_long_after
def test_a_checkout_refused_long_ago_takes_no_stock_that_has_come_since(shop: Shop, seconds: int) -> None:
    shop.receive({"p-1": 1_000})
    shop.pass_time(seconds)
    before = picture(shop)

    begin_again(shop, STEPS[STOCK_RESERVATION])
    later(shop)

    assert picture(shop) == before
    invariants(shop)


def test_a_checkout_refused_a_moment_ago_takes_no_stock_that_has_come_since() -> None:
    """So young a start is not read again: it goes for the stock, and finds that it was refused for good."""
    shop = quick_shop()
    shop.receive({"p-1": 1})
    shop.start({"p-1": 2})
    shop.run()
    shop.receive({"p-1": 10})
    before = picture(shop)

    begin_again(shop, STEPS[STOCK_RESERVATION])
    shop.run()

    assert picture(shop) == before
    stock_facts = [e.type for e in entries(shop, INVENTORY)]
    assert stock_facts == ["UnitsReceived", "UnitsRefused", "UnitsReceived"]
    invariants(shop)


def test_after_some_time_a_group_begun_again_does_not_even_touch_the_stock(shop: Shop) -> None:
    shop.receive({"p-1": 1_000})
    shop.pass_time(3_600)
    before = list(entries(shop, INVENTORY))

    begin_again(shop, STEPS[STOCK_RESERVATION])
    later(shop)

    assert list(entries(shop, INVENTORY)) == before


def test_all_groups_begun_again_at_once_change_nothing(shop: Shop) -> None:
    before = picture(shop)
    for step in SAGA:
        begin_again(shop, step)

    later(shop)

    assert picture(shop) == before
    invariants(shop)


def test_a_group_that_was_lost_with_its_checkpoint_kept_comes_back_where_it_was(shop: Shop) -> None:
    shop.pass_time(2)
    seen = shop.telemetry.consumed_types.total()

    shop.bus.forget_group(CHECKOUTS, STEPS[STOCK_RESERVATION].group)
    later(shop)

    assert shop.telemetry.consumed_types.total() == seen


def test_a_read_model_lost_is_built_again_from_the_stream(shop: Shop) -> None:
    before = shop.orders()
    shop.container.read_model.override(providers.Object(InMemoryReadModel()))
    assert shop.orders().rows == ()
    shop = quick_shop(shop)

    begin_again(shop, STEPS["cqrs-projection"])
    later(shop)

    assert shop.orders() == before
