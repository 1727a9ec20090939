"""What Prometheus gets to see of calls in doubt."""

from dependency_injector import providers
from prometheus_client import CollectorRegistry

from adapters.inmemory.open_checkouts import InMemoryOpenCheckouts
from application.ports.errors import Unavailable
from tests.shop_elsewhere import ShopElsewhere

FIGURES = ("checkouts_in_doubt", "checkouts_in_doubt_oldest_seconds", "checkouts_in_doubt_unknown_total")


def read(shop: ShopElsewhere) -> tuple[float | None, ...]:
    registry = CollectorRegistry()
    registry.register(shop.container.doubt_gauges())
    samples = {sample.name: sample.value for family in registry.collect() for sample in family.samples}
    return tuple(samples.get(name) for name in FIGURES)


def test_checkouts_in_doubt_are_counted_and_the_oldest_is_timed() -> None:
    shop = ShopElsewhere()
    assert read(shop) == (0, 0, 0)

    shop.inventory.always = "lost-after"
    shop.start({"p-1": 1})
    shop.run()
    shop.clock.advance(60)
    shop.start({"p-1": 1})
    shop.run()

    assert read(shop) == (2, 60, 0)


def test_what_cannot_be_counted_is_left_out_and_said() -> None:
    class Away(InMemoryOpenCheckouts):
        def count(self) -> int:
            raise Unavailable("gone")

    shop = ShopElsewhere()
    shop.container.doubts.override(providers.Object(Away()))

    assert read(shop) == (None, None, 1)
