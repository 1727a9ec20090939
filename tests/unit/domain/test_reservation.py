"""Every line of a cart or none, over the stock of several products."""

from domain.inventory.events import UnitsHeld
from domain.inventory.reservation import Refused, Shortage, reserve
from domain.inventory.stock_item import StockItem

TEN = StockItem(units_received=10)
ONE_LEFT = StockItem(units_received=10, units_held=9)
UNKNOWN = StockItem()


def test_every_product_is_held_when_there_is_enough_of_each() -> None:
    holds = reserve("c-1", {"p-1": 10, "p-2": 1}, {"p-1": TEN, "p-2": ONE_LEFT})

    assert holds == [
        UnitsHeld(produit_id="p-1", checkout_id="c-1", units=10),
        UnitsHeld(produit_id="p-2", checkout_id="c-1", units=1),
    ]


def test_nothing_is_held_when_one_product_is_short() -> None:
    answer = reserve("c-1", {"p-1": 1, "p-2": 2}, {"p-1": TEN, "p-2": ONE_LEFT})

    assert answer == Refused((Shortage(produit_id="p-2", units_wanted=2, units_free=1),))


def test_every_shortage_is_told_and_a_product_without_a_stock_record_by_its_id() -> None:
    answer = reserve("c-1", {"p-2": 2, "p-1": 3, "p-9": 4}, {"p-1": TEN, "p-2": ONE_LEFT, "p-9": UNKNOWN})

    assert isinstance(answer, Refused)
    assert [str(shortage) for shortage in answer.shortages] == [
        "p-2: 2 wanted, 1 free",
        "p-9 has no stock record (4 wanted)",
    ]
    assert [shortage.known for shortage in answer.shortages] == [True, False]


def test_a_product_that_is_not_wanted_is_left_alone() -> None:
    assert reserve("c-1", {"p-1": 1}, {"p-1": TEN, "p-2": UNKNOWN}) == [
        UnitsHeld(produit_id="p-1", checkout_id="c-1", units=1)
    ]
