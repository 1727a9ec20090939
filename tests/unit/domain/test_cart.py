"""A cart: what it sums up, what it keeps apart, and what it refuses."""

from decimal import Decimal

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.cart import LINES_MAX, UNITS_MAX, Cart, Line
from domain.errors import InvalidValue

TEA = Line(produit_id="tea", units=2, unit_price=Decimal("10.00"))
CAKE = Line(produit_id="cake", units=1, unit_price=Decimal("0.0001"))


def test_the_same_product_on_two_lines_is_summed() -> None:
    cart = Cart.of([TEA, CAKE, attrs.evolve(TEA, units=3)])

    assert cart.lines == (attrs.evolve(TEA, units=5), CAKE)
    assert cart.units_by_product() == {"tea": 5, "cake": 1}


def test_a_product_at_two_prices_keeps_both_lines_and_wants_their_sum() -> None:
    cart = Cart.of([TEA, attrs.evolve(TEA, unit_price=Decimal("9.00"))])

    assert len(cart.lines) == 2
    assert cart.units_by_product() == {"tea": 4}
    assert cart.total == Decimal("38.00")


def test_prices_that_differ_only_in_how_they_are_written_are_one_price() -> None:
    assert len(Cart.of([TEA, attrs.evolve(TEA, unit_price=Decimal(10))]).lines) == 1


def test_prices_are_kept_to_the_last_decimal() -> None:
    assert Cart.of([attrs.evolve(CAKE, units=3), TEA]).total == Decimal("20.0003")


def test_a_line_without_a_price_adds_nothing_to_the_total() -> None:
    assert Cart.of([TEA, Line(produit_id="p-9", units=7)]).total == Decimal("20.00")


def test_a_cart_has_at_least_one_line() -> None:
    with pytest.raises(InvalidValue, match="must have at least 1 line"):
        Cart.of([])


def test_a_cart_has_at_most_a_hundred_lines_before_they_are_summed() -> None:
    assert Cart.of([TEA] * LINES_MAX).units == 2 * LINES_MAX
    with pytest.raises(InvalidValue, match="must have at most 100 lines"):
        Cart.of([TEA] * (LINES_MAX + 1))


def test_a_product_is_wanted_at_most_a_hundred_thousand_times_over_all_its_lines() -> None:
    most = Line(produit_id="tea", units=UNITS_MAX)
    assert Cart.of([most]).units == UNITS_MAX
    with pytest.raises(InvalidValue, match="at most 100000 per product; tea adds up to 100002"):
        Cart.of([most, TEA])


LINES = st.builds(
    Line,
    produit_id=st.sampled_from(["p-1", "p-2", "p-3"]),
    units=st.integers(1, 300),
    unit_price=st.none() | st.decimals(0, 10_000, places=4) | st.sampled_from([Decimal(1), Decimal("1.0")]),
)


@given(st.lists(LINES, min_size=1, max_size=LINES_MAX))
@settings(max_examples=30, deadline=None)
def test_summing_lines_loses_no_unit_and_no_cent(lines: list[Line]) -> None:
    cart = Cart.of(lines)

    assert cart.units == sum(line.units for line in lines) == sum(cart.units_by_product().values())
    assert cart.total == sum((line.amount for line in lines), Decimal(0))
    assert len({(line.produit_id, line.unit_price) for line in cart.lines}) == len(cart.lines)
    assert Cart.of(cart.lines) == cart
