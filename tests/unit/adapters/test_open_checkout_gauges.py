"""What Prometheus gets to see of the checkouts that have not ended."""

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from application.ports.errors import Unavailable
from domain.checkout import saga
from domain.checkout.evolving import OPERATOR
from tests.interruptions import later, quick_shop
from tests.shop import Shop
from tests.unit.application.closed_warehouse import stuck_checkout

OLDEST, COUNT, UNKNOWN = "open_checkout_oldest_seconds", "open_checkouts", "open_checkouts_unknown_total"


def page(shop: Shop) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(shop.container.open_checkout_gauges())
    return registry


def read(registry: CollectorRegistry) -> dict[tuple[str, str], float]:
    """(name, step or "") -> figure, as a scraper reads it."""
    families = text_string_to_metric_families(generate_latest(registry).decode())
    return {
        (sample.name, sample.labels.get("step", "")): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.fixture
def shop() -> Shop:
    shop = quick_shop()
    shop.receive({"p-1": 5})
    return shop


def test_the_oldest_of_each_step_is_shown_and_0_where_none_waits(shop: Shop) -> None:
    shop.start({"p-1": 1})
    shop.run(saga.STOCK_RESERVATION, saga.DEADLINE)
    shop.clock.advance(30)
    for _ in range(2):
        shop.start({"p-1": 1})
        shop.run(saga.DEADLINE)
        shop.clock.advance(10)

    assert read(page(shop)) == {
        (COUNT, ""): 3,
        (OLDEST, saga.ORDER_CREATION): 50,
        (OLDEST, saga.STOCK_RESERVATION): 20,
        (OLDEST, saga.STOCK_COMPENSATION): 0,
        (OLDEST, OPERATOR): 0,
        (UNKNOWN, ""): 0,
    }


def test_it_goes_back_to_nothing_once_all_have_ended(shop: Shop) -> None:
    registry = page(shop)
    shop.start({"p-1": 1})
    shop.run(saga.DEADLINE)
    later(shop)

    assert set(read(registry).values()) == {0}


def test_what_waits_for_an_operator_is_shown_as_that() -> None:
    closed, _ = stuck_checkout()

    figures = read(page(closed.shop))

    assert figures[OLDEST, OPERATOR] > 0
    assert figures[OLDEST, saga.STOCK_COMPENSATION] == 0


@pytest.mark.parametrize("error", [Unavailable("no answer"), RuntimeError("a bug")], ids=repr)
def test_figures_that_cannot_be_had_are_left_out_and_counted(
    shop: Shop, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = page(shop)

    def fails(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as trouble:
        trouble.setattr(shop.container.open_checkouts(), "oldest", fails)
        assert read(registry) == {(UNKNOWN, ""): 1}
        assert read(registry) == {(UNKNOWN, ""): 2}

    assert read(registry)[COUNT, ""] == 0
    assert read(registry)[UNKNOWN, ""] == 2


def test_registering_it_asks_nobody(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop.container.open_checkouts(), "count", lambda: pytest.fail("asked"))

    page(shop)


def test_a_worker_shows_when_the_bus_last_answered_it(shop: Shop) -> None:
    shop = Shop()
    shop.run(saga.AUDIT)
    shop.clock.advance(5)
    shop.workers[saga.AUDIT].turn()

    shown = generate_latest(shop.container.registry()).decode()
    figures = {
        sample.labels["group"]: sample.value
        for family in text_string_to_metric_families(shown)
        for sample in family.samples
        if sample.name == "worker_last_poll_timestamp_seconds"
    }
    assert figures[saga.STEPS[saga.AUDIT].group] == shop.clock.now_s()
