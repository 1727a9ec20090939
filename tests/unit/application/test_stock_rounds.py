"""Stock that others change before every decision about it."""

import pytest

from application.events.streams import INVENTORY
from application.ports.errors import Unavailable
from application.steps.holds import Demand
from application.steps.stock_holds import ROUNDS_MAX, StockHolds
from tests.interruptions import InterruptedStore
from tests.shop import Shop

DEMAND = Demand(checkout_id="c-1", start_id="c-1.0", units={"p-1": 1})


def overtaken(shop: Shop, times: int) -> StockHolds:
    """Holds of a process that another is quicker than, so often."""
    store = InterruptedStore(shop.store, lambda moment: moment.is_("before", "append", INVENTORY))
    left = iter(range(times - 1, -1, -1))

    def overtake() -> None:
        shop.receive({"p-1": 1})
        store.happened = not next(left)

    store.interruption = overtake
    return StockHolds(store)


def test_the_last_round_counts() -> None:
    shop = Shop()
    shop.receive({"p-1": 1})

    assert not overtaken(shop, ROUNDS_MAX - 1).hold([DEMAND])["c-1"].shortages
    assert shop.stock("p-1") == (ROUNDS_MAX - 1, 1)
    assert overtaken(shop, ROUNDS_MAX - 1).release([DEMAND])["c-1"].gave_back


def test_who_is_always_overtaken_comes_again_later() -> None:
    shop = Shop()
    shop.receive({"p-1": 1})

    with pytest.raises(Unavailable, match="keeps changing"):
        overtaken(shop, ROUNDS_MAX).hold([DEMAND])
    assert shop.stock("p-1") == (ROUNDS_MAX + 1, 0)
    with pytest.raises(Unavailable, match="keeps changing"):
        overtaken(shop, ROUNDS_MAX).release([DEMAND])
