"""The order of a checkout: created once, or refused once."""

from decimal import Decimal

import pytest

from domain.order.events import OrderEvent
from domain.order.order import ORDER, Created, CreateOrder, NoOrder, Refused, order_id
from tests.facts import CART, ID, NOT_ORDERED, ORDER_ID, ORDERED, TOO_DEAR, WHO
from tests.given import given


def create(total_max: str) -> CreateOrder:
    return CreateOrder(checkout_id=ID, client_id=WHO, cart=CART, total_max=Decimal(total_max))


def test_an_order_has_the_total_of_all_lines() -> None:
    given(ORDER).when(create("1000")).then(ORDERED)


def test_an_order_of_exactly_the_limit_is_created() -> None:
    given(ORDER).when(create("25.25")).then(ORDERED)


def test_an_order_above_the_limit_is_refused_with_both_amounts_and_its_cart() -> None:
    given(ORDER).when(create("20")).then(NOT_ORDERED)
    assert NOT_ORDERED.cart == CART


@pytest.mark.parametrize("outcome", [ORDERED, NOT_ORDERED])
def test_an_order_already_decided_on_is_not_decided_again(outcome: OrderEvent) -> None:
    given(ORDER, outcome).when(create("1000")).then()
    given(ORDER, outcome).when(create("20")).then()


def test_the_first_outcome_stands() -> None:
    given(ORDER).then_it_is(NoOrder())
    given(ORDER, ORDERED, NOT_ORDERED).then_it_is(Created(ORDER_ID))
    given(ORDER, NOT_ORDERED, ORDERED).then_it_is(Refused(TOO_DEAR))


def test_a_checkout_has_one_order_id_whoever_works_it_out() -> None:
    assert order_id(ID) == order_id(ID) == ORDER_ID
    assert order_id("c-2") != ORDER_ID
