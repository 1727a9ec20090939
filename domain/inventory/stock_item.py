"""The stock of one product: units received, and how many of them are held for checkouts.

The state says nothing of single checkouts, so that it stays as small after a million of them. That a
hold or a release happens once per checkout is the event id's work (see `reservation`).
"""

from typing import assert_never

import attrs

from domain.decider import Decider
from domain.errors import DomainError, InvalidValue
from domain.inventory.events import StockEvent, UnitsHeld, UnitsReceived, UnitsRefused, UnitsReleased

RECEIPT_UNITS_MAX = 1_000_000


@attrs.frozen(kw_only=True)
class StockItem:
    """Units of one product. `known` is false while nothing was ever received."""

    units_received: int = 0
    units_held: int = 0

    @property
    def units_free(self) -> int:
        return self.units_received - self.units_held

    @property
    def known(self) -> bool:
        return self.units_received > 0


@attrs.frozen(kw_only=True)
class ReceiveUnits:
    produit_id: str
    units: int


@attrs.frozen(kw_only=True)
class HoldUnits:
    produit_id: str
    checkout_id: str
    units: int


@attrs.frozen(kw_only=True)
class ReleaseUnits:
    produit_id: str
    checkout_id: str
    units: int


@attrs.frozen(kw_only=True)
class RefuseUnits:
    produit_id: str
    checkout_id: str


StockCommand = ReceiveUnits | HoldUnits | ReleaseUnits | RefuseUnits


@attrs.frozen
class OutOfStock(DomainError):
    """Fewer free units than wanted."""

    produit_id: str
    wanted: int
    free: int

    def __str__(self) -> str:
        return f"{self.produit_id}: {self.wanted} wanted, {self.free} free"


def decide(command: StockCommand, item: StockItem) -> list[StockEvent]:
    """Answer `command` on `item`.

    Raises:
        OutOfStock: a hold of more units than are free.
        InvalidValue: a receipt of no units or of more than `RECEIPT_UNITS_MAX`.
    """
    match command:
        case ReceiveUnits(produit_id=produit_id, units=units):
            if not 1 <= units <= RECEIPT_UNITS_MAX:
                raise InvalidValue("quantite", f"must be 1 to {RECEIPT_UNITS_MAX}")
            return [UnitsReceived(produit_id=produit_id, units=units)]
        case HoldUnits(produit_id=produit_id, checkout_id=checkout_id, units=units):
            if units > item.units_free:
                raise OutOfStock(produit_id, wanted=units, free=item.units_free)
            return [UnitsHeld(produit_id=produit_id, checkout_id=checkout_id, units=units)]
        case ReleaseUnits(produit_id=produit_id, checkout_id=checkout_id, units=units):
            return [UnitsReleased(produit_id=produit_id, checkout_id=checkout_id, units=units)]
        case RefuseUnits(produit_id=produit_id, checkout_id=checkout_id):
            return [UnitsRefused(produit_id=produit_id, checkout_id=checkout_id)]
        case _:
            assert_never(command)


def evolve(item: StockItem, event: StockEvent) -> StockItem:
    """`item` after `event`."""
    match event:
        case UnitsReceived(units=units):
            return StockItem(units_received=item.units_received + units, units_held=item.units_held)
        case UnitsHeld(units=units):
            return StockItem(units_received=item.units_received, units_held=item.units_held + units)
        case UnitsReleased(units=units):
            return StockItem(units_received=item.units_received, units_held=item.units_held - units)
        case UnitsRefused():
            return item
        case _:
            assert_never(event)


STOCK_ITEM: Decider[StockCommand, StockItem, StockEvent] = Decider(StockItem(), decide, evolve)
