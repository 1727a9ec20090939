"""A shop whose stock and orders are kept by services that were there before, in memory too."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import attrs
from dependency_injector import providers

from adapters.inmemory.existing_services import InMemoryExistingInventory, InMemoryExistingOrders
from application.events.streams import CALLS
from domain.calls import ledger
from domain.calls.events import CallEvent
from domain.calls.states import CallLedger, standing_of
from entrypoints.container import Container
from entrypoints.settings import Settings
from tests.shop import Shop

START = {"p-1": 10, "p-2": 5, "p-3": 8}


def elsewhere(*, inventory: str = "http", orders: str = "http", **others: Any) -> Settings:
    """Settings of such a shop."""
    where: dict[str, Any] = {"kong_url": "http://gateway.example", "magasin_id": "m-1", "calls_at_once": 1}
    return Settings(inventory=inventory, orders=orders, **(where | others))


@attrs.define
class ShopElsewhere(Shop):
    """`services_repeatable`: both know the keys of what they have done."""

    settings: Settings = attrs.Factory(elsewhere)
    services_repeatable: bool = False
    inventory: InMemoryExistingInventory = attrs.field(init=False)
    sales: InMemoryExistingOrders = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.inventory = InMemoryExistingInventory(START, repeatable=self.services_repeatable)
        self.sales = InMemoryExistingOrders(repeatable=self.services_repeatable)
        super().__attrs_post_init__()

    def wire(self, container: Container) -> None:
        super().wire(container)
        container.existing_inventory.override(providers.Object(self.inventory))
        container.existing_orders.override(providers.Object(self.sales))

    def ledger(self, checkout_id: str) -> CallLedger:
        """What is noted of the checkout's calls."""
        (history,) = self.store.read(CALLS, [checkout_id])
        facts = [recorded.event for recorded in history]
        return ledger.CALLS.fold(fact for fact in facts if isinstance(fact, CallEvent))

    def calls(self, checkout_id: str) -> dict[str, str]:
        """Call -> how it stands."""
        return {name: standing_of(call) for name, call in self.ledger(checkout_id).calls.items()}

    def taken(self) -> Mapping[str, int]:
        """Product -> units that are gone from the existing inventory."""
        return {p: START[p] - left for p, left in self.inventory.stock.items() if left != START[p]}

    def sold(self) -> Mapping[str, int]:
        """Product -> units in sales that stand."""
        sold: Counter[str] = Counter()
        for sale in self.sales.sales.values():
            sold[sale.produit_id] += sale.units if sale.active else 0
        return {produit_id: units for produit_id, units in sold.items() if units}
