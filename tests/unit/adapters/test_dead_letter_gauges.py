"""What Prometheus gets to see of dead letters that wait for somebody."""

import pytest
from prometheus_client import CollectorRegistry

from application.events.streams import CHECKOUTS
from application.ports.dead_letters import Wanted
from application.ports.errors import Unavailable
from domain.checkout.saga import STEPS, STOCK_RESERVATION
from tests.shop import Shop

NAME = "group_oldest_dead_letter_seconds"
GROUP = STEPS[STOCK_RESERVATION].group


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def registry(shop: Shop) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(shop.container.dead_letter_gauges())
    return registry


def oldest(registry: CollectorRegistry, group: str = GROUP) -> float | None:
    return registry.get_sample_value(NAME, {"topic": CHECKOUTS, "group": group})


def poison(shop: Shop) -> None:
    shop.log.add(CHECKOUTS, {b"type": b"CheckoutInitiated", b"payload": b"{"})
    shop.run(STOCK_RESERVATION)


def test_the_oldest_that_nobody_has_decided_is_shown_and_0_where_none_waits(
    shop: Shop, registry: CollectorRegistry
) -> None:
    assert oldest(registry) == 0
    poison(shop)
    shop.clock.advance(60.0)
    poison(shop)
    shop.clock.advance(5.0)

    assert oldest(registry) == pytest.approx(65.0, abs=0.01)
    assert oldest(registry, "checkout-order") == 0

    desk = shop.container.dead_letter_desk()
    (first, _second), _ = shop.container.dead_letters().page(CHECKOUTS, Wanted(), count=2)
    desk.discard(first.id, actor="ann", reason="a test of the till")
    assert oldest(registry) == pytest.approx(5.0, abs=0.01)


def test_a_store_that_is_away_leaves_the_figure_out_and_the_page_stands(
    shop: Shop, registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise Unavailable("away")

    monkeypatch.setattr(shop.container.dead_letters(), "page", away)

    assert oldest(registry) is None
