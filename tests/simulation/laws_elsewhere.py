"""What must hold where stock and orders are kept by existing services, by name: seen in their own books."""

from collections import Counter
from typing import Final

from adapters.inmemory.existing_services import Effect
from domain.checkout.events import CheckoutInitiated
from tests.invariants import invariants
from tests.shop_elsewhere import ShopElsewhere
from tests.simulation.laws import NOT_STUCK, hold

NO_SECOND_EFFECT: Final = "no call has two effects"
NOTHING_LEFT: Final = "nothing stays taken for a checkout that failed, once every doubt is settled"
SALES: Final = "the sales that stand are the lines of what succeeded"
NO_DOUBT_LEFT: Final = "no call stays in doubt once a person has looked"


def check_elsewhere(shop: ShopElsewhere, *checkouts: str) -> None:
    """Every law, once nothing is left to do."""
    stands = {checkout: shop.replay(checkout).view.status for checkout in checkouts}
    hold(NOT_STUCK, "initiated" not in stands.values(), stands)
    calls = Counter((effect.operation, effect.key) for effect in effects_of(shop))
    hold(NO_SECOND_EFFECT, calls.total() == len(calls), [call for call, count in calls.items() if count > 1])
    hold(NO_DOUBT_LEFT, not shop.container.doubts().count(), shop.container.doubts().oldest(count=5))
    wanted: Counter[str] = Counter()
    for checkout in (checkout for checkout, status in stands.items() if status == "succeeded"):
        start = shop.replay(checkout).events[0].recorded.event
        assert isinstance(start, CheckoutInitiated)
        wanted.update(start.cart.units_by_product())
    hold(NOTHING_LEFT, shop.taken() == wanted, f"taken {shop.taken()}, wanted {dict(wanted)}")
    hold(SALES, shop.sold() == wanted, f"sold {shop.sold()}, wanted {dict(wanted)}")
    invariants(shop)


def effects_of(shop: ShopElsewhere) -> list[Effect]:
    """All that really happened in both services."""
    return [*shop.inventory.effects, *shop.sales.effects]
