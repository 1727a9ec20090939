"""What is a position, and how positions order."""

import pytest

from application.ports.errors import InvalidPosition
from application.ports.positions import parse
from tests.each_row import each_row


def test_a_position_orders_by_its_milliseconds_then_by_its_number() -> None:
    places = ["2-0", "10-9", "10-10", "1795354472325000000-7", "18446744073709551615-18446744073709551615"]
    assert sorted(places, key=parse) == places


def test_a_missing_number_is_0() -> None:
    assert parse("1690000000000") == (1690000000000, 0)


@each_row("text", ["", "x", "1-", "-1", "1-2-3", "1 ", "\u0661-0", "18446744073709551616-0", "1-" + "9" * 21])
def test_what_no_store_hands_out_is_refused(text: str) -> None:
    with pytest.raises(InvalidPosition):
        parse(text)
