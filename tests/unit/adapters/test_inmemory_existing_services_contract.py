from collections import Counter
from collections.abc import Mapping

import attrs
import pytest

from adapters.inmemory.existing_services import (
    Fault,
    InMemoryExistingInventory,
    InMemoryExistingOrders,
)
from tests.contracts.existing_services import STOCK, ExistingServicesContract, Hand


@attrs.frozen
class HandInMemory(Hand):
    inventory: InMemoryExistingInventory
    orders: InMemoryExistingOrders

    def refuse(self) -> None:
        self._next("refuse")

    def not_reached(self) -> None:
        self._next("not-reached")

    def lose_answer(self, *, happened: bool) -> None:
        self._next("lost-after" if happened else "lost-before")

    def leave_alone(self) -> None:
        self._next("circuit-open")

    def stock(self, produit_id: str) -> int:
        return self.inventory.stock[produit_id]

    def sold(self) -> Mapping[str, int]:
        sold: Counter[str] = Counter()
        for sale in self.orders.sales.values():
            if sale.active:
                sold[sale.produit_id] += sale.units
        return sold

    def effects(self) -> int:
        return len(self.inventory.effects) + len(self.orders.effects)

    def _next(self, fault: Fault) -> None:
        for service in (self.inventory, self.orders):
            service.faults.clear()
            service.faults.append(fault)


class TestExistingServicesInMemory(ExistingServicesContract):
    @pytest.fixture
    def hand(self) -> HandInMemory:
        return HandInMemory(InMemoryExistingInventory(STOCK), InMemoryExistingOrders())

    @pytest.fixture
    def inventory(self, hand: HandInMemory) -> InMemoryExistingInventory:
        return hand.inventory

    @pytest.fixture
    def orders(self, hand: HandInMemory) -> InMemoryExistingOrders:
        return hand.orders

    @pytest.fixture
    def repeatable_hand(self) -> HandInMemory:
        return HandInMemory(
            InMemoryExistingInventory(STOCK, repeatable=True), InMemoryExistingOrders(repeatable=True)
        )

    @pytest.fixture
    def repeatable_inventory(self, repeatable_hand: HandInMemory) -> InMemoryExistingInventory:
        return repeatable_hand.inventory

    @pytest.fixture
    def repeatable_orders(self, repeatable_hand: HandInMemory) -> InMemoryExistingOrders:
        return repeatable_hand.orders
