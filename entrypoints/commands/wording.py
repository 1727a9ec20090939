"""How times, amounts and other people's texts are written for people."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from domain.cart import Cart

TEXT_CHARS_MAX: Final = 200
_YEAR_9999_S: Final = 253_370_764_800  # a position may name a moment that no calendar has


def plain(text: object, *, chars_max: int = TEXT_CHARS_MAX) -> str:
    """`text` on one line, without what would command a terminal, at most `chars_max` characters."""
    shown = str(text)[: chars_max + 1]
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown)
    return shown if len(shown) <= chars_max else shown[: chars_max - 1] + "…"


def date_and_time(at_s: float) -> str:
    """Epoch seconds as local date and time: 2026-03-01 14:03:22."""
    return _formatted(at_s, "%Y-%m-%d %H:%M:%S")


def day_and_time(at_s: float) -> str:
    """Epoch seconds as local day and time, for a narrow column: 03-01 14:03:22."""
    return _formatted(at_s, "%m-%d %H:%M:%S")


def time_of_day(at_s: float) -> str:
    """Epoch seconds as local time to the millisecond: 14:03:22.125."""
    return _formatted(at_s, "%H:%M:%S.%f")[:-3]


def later_by(seconds: float) -> str:
    """A time that has passed, in the unit that suits it."""
    if abs(seconds) < 1:
        return f"{seconds * 1000:+.0f} ms"
    return f"{seconds:+.2f} s" if abs(seconds) < 120 else f"{seconds / 60:+.1f} min"


def amount(value: Decimal) -> str:
    """An amount with all its decimals, two at least: 1,250.00."""
    exact = value.normalize()
    exponent = exact.as_tuple().exponent
    places = max(2, -exponent if isinstance(exponent, int) else 0)
    return f"{exact:,.{places}f}"


def count_of(number: int, thing: str) -> str:
    """1 unit, 2 units."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def cart_in_a_line(cart: "Cart") -> str:
    """5 units of 2 products, 45.00."""
    said = f"{count_of(cart.units, 'unit')} of {count_of(len(cart.units_by_product()), 'product')}"
    return f"{said}, {amount(cart.total)}" if cart.total else said


def _formatted(at_s: float, form: str) -> str:
    if not 0 <= at_s < _YEAR_9999_S:
        return f"{at_s:.3f}"
    return datetime.fromtimestamp(at_s, UTC).astimezone().strftime(form)
