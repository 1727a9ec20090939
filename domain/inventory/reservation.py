"""Every line of a cart or none, over the stock of several products."""

from collections.abc import Mapping

import attrs

from domain.inventory.events import StockEvent
from domain.inventory.stock_item import STOCK_ITEM, HoldUnits, OutOfStock, StockItem


@attrs.frozen(kw_only=True)
class Shortage:
    """A product with too few free units. `known` is false for a product without a stock record."""

    produit_id: str
    units_wanted: int
    units_free: int
    known: bool = True

    def __str__(self) -> str:
        if not self.known:
            return f"{self.produit_id} has no stock record ({self.units_wanted} wanted)"
        return f"{self.produit_id}: {self.units_wanted} wanted, {self.units_free} free"


@attrs.frozen
class Refused:
    """Nothing is held, because of these products."""

    shortages: tuple[Shortage, ...]


def reserve(
    checkout_id: str, wanted: Mapping[str, int], stock: Mapping[str, StockItem]
) -> list[StockEvent] | Refused:
    """Hold `wanted` (product id -> units) for a checkout: one fact per product, or every shortage.

    `stock` has an item for each product wanted.
    """
    holds: list[StockEvent] = []
    shortages: list[Shortage] = []
    for produit_id, units in wanted.items():
        item = stock[produit_id]
        command = HoldUnits(produit_id=produit_id, checkout_id=checkout_id, units=units)
        try:
            holds += STOCK_ITEM.decide(command, item)
        except OutOfStock as short:
            shortages.append(
                Shortage(produit_id=produit_id, units_wanted=units, units_free=short.free, known=item.known)
            )
    return Refused(tuple(shortages)) if shortages else holds
