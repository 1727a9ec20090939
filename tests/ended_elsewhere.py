"""Checkouts whose stock and orders are kept elsewhere, run to their end, and whether all is well then."""

from application.questions.show_calls import CallView
from domain.checkout.commands import RetryStep
from tests.invariants import invariants
from tests.shop_elsewhere import ShopElsewhere


def happened(shop: ShopElsewhere, view: CallView) -> tuple[bool, str | None]:
    """What a person finds who looks in the services."""
    wanted = view.call.wanted
    effects = [*shop.inventory.effects, *shop.sales.effects]
    done = [effect for effect in effects if (effect.key, effect.operation) == (wanted.key, wanted.operation)]
    return bool(done), done[-1].vente_id if done and wanted.operation == "enter" else None


def run_to_the_end(shop: ShopElsewhere, *checkouts: str) -> None:
    """So much time passes that everything has ended that can end without a person; then comes one."""
    for seconds in (31, 31, 901, 31, 31, 901, 31):
        shop.pass_time(seconds)
        found, _ = shop.container.call_desk().finder.in_doubt(count=100)
        for view in found:
            did, vente_id = happened(shop, view)
            shop.container.call_desk().settle(
                view.id, happened=did, vente_id=vente_id, actor="ada", reason="seen"
            )
        for checkout in checkouts:
            if shop.replay(checkout).view.step == "compensation_failed":
                retry = RetryStep(actor="ada", reason="they take it back now")
                shop.container.checkout_desk().intervene(checkout, retry)
        shop.run()
        if checkouts and all(shop.replay(checkout).view.status != "initiated" for checkout in checkouts):
            return


def all_is_well(shop: ShopElsewhere, *checkouts: str) -> None:
    """Everything has ended, and what is gone from the stock is what succeeded, and is sold."""
    succeeded = [c for c in checkouts if shop.replay(c).view.status == "succeeded"]
    wanted: dict[str, int] = {}
    for checkout in succeeded:
        start = shop.replay(checkout).events[0].recorded.event
        for product, units in start.cart.units_by_product().items():  # type: ignore[union-attr]  # a CheckoutInitiated
            wanted[product] = wanted.get(product, 0) + units
    assert shop.taken() == wanted
    assert shop.sold() == wanted
    invariants(shop)
