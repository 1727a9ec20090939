"""The stock of one product: receipts, holds and releases."""

import pytest
from hypothesis import given as for_any
from hypothesis import settings
from hypothesis import strategies as st

from domain.errors import InvalidValue
from domain.inventory.events import StockEvent, UnitsHeld, UnitsReceived, UnitsReleased
from domain.inventory.stock_item import (
    RECEIPT_UNITS_MAX,
    STOCK_ITEM,
    HoldUnits,
    OutOfStock,
    ReceiveUnits,
    ReleaseUnits,
    StockCommand,
    StockItem,
)
from tests.given import given

RECEIVED = UnitsReceived(produit_id="p-1", units=10)
HELD = UnitsHeld(produit_id="p-1", checkout_id="c-1", units=4)
RELEASED = UnitsReleased(produit_id="p-1", checkout_id="c-1", units=4)


def test_received_units_are_free() -> None:
    given(STOCK_ITEM, RECEIVED).then_it_is(StockItem(units_received=10, units_held=0))
    assert STOCK_ITEM.fold([RECEIVED, RECEIVED]).units_free == 20


def test_held_units_are_not_free_and_released_ones_are_again() -> None:
    assert STOCK_ITEM.fold([RECEIVED, HELD]).units_free == 6
    given(STOCK_ITEM, RECEIVED, HELD, RELEASED).then_it_is(StockItem(units_received=10, units_held=0))


def test_the_last_unit_can_be_held() -> None:
    last = HoldUnits(produit_id="p-1", checkout_id="c-2", units=6)
    given(STOCK_ITEM, RECEIVED, HELD).when(last).then(UnitsHeld(produit_id="p-1", checkout_id="c-2", units=6))


def test_a_unit_more_than_are_free_cannot() -> None:
    too_many = HoldUnits(produit_id="p-1", checkout_id="c-2", units=7)
    given(STOCK_ITEM, RECEIVED, HELD).when(too_many).then_refused(OutOfStock("p-1", wanted=7, free=6))


def test_a_product_never_received_is_unknown_and_has_nothing_to_hold() -> None:
    assert not STOCK_ITEM.initial.known
    one = HoldUnits(produit_id="p-1", checkout_id="c-1", units=1)
    given(STOCK_ITEM).when(one).then_refused(OutOfStock("p-1", wanted=1, free=0))


def test_a_product_sold_out_is_still_known() -> None:
    sold_out = STOCK_ITEM.fold([RECEIVED, UnitsHeld(produit_id="p-1", checkout_id="c-1", units=10)])
    assert (sold_out.known, sold_out.units_free) == (True, 0)


def test_a_release_gives_back_the_units_asked_for() -> None:
    command = ReleaseUnits(produit_id="p-1", checkout_id="c-1", units=4)
    given(STOCK_ITEM, RECEIVED, HELD).when(command).then(RELEASED)


@pytest.mark.parametrize("units", [1, RECEIPT_UNITS_MAX])
def test_a_receipt_is_one_unit_to_a_million(units: int) -> None:
    command = ReceiveUnits(produit_id="p-1", units=units)
    given(STOCK_ITEM).when(command).then(UnitsReceived(produit_id="p-1", units=units))


@pytest.mark.parametrize("units", [-1, 0, RECEIPT_UNITS_MAX + 1])
def test_a_receipt_outside_its_limits_is_refused(units: int) -> None:
    command = ReceiveUnits(produit_id="p-1", units=units)
    given(STOCK_ITEM, RECEIVED).when(command).then_refused(InvalidValue("quantite", "must be 1 to 1000000"))


def test_a_refusal_says_the_product_the_units_wanted_and_the_units_free() -> None:
    assert str(OutOfStock("p-1", wanted=7, free=6)) == "p-1: 7 wanted, 6 free"


UNITS = st.integers(1, 20)
COMMANDS: st.SearchStrategy[StockCommand] = st.one_of(
    st.builds(ReceiveUnits, produit_id=st.just("p-1"), units=UNITS),
    st.builds(HoldUnits, produit_id=st.just("p-1"), checkout_id=st.just("c-1"), units=UNITS),
)


@for_any(st.lists(COMMANDS, max_size=40))
@settings(max_examples=30, deadline=None)
def test_whatever_is_asked_for_no_more_is_held_than_was_received(commands: list[StockCommand]) -> None:
    facts: list[StockEvent] = []
    for command in commands:
        try:
            facts += STOCK_ITEM.decide(command, STOCK_ITEM.fold(facts))
        except OutOfStock:
            continue
    item = STOCK_ITEM.fold(facts)
    assert item.units_received == sum(fact.units for fact in facts if isinstance(fact, UnitsReceived))
    assert item.units_held == sum(fact.units for fact in facts if isinstance(fact, UnitsHeld))
    assert item.units_free >= 0
