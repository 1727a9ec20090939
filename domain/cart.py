"""What a shopper wants to buy: products, units, prices kept to the last decimal."""

from collections.abc import Container, Iterable
from decimal import Decimal

import attrs

from domain.errors import InvalidValue

LINES_MAX = 100
UNITS_MAX = 100_000
PRICE_MAX = Decimal("9999999999.9999")  # 14 digits: a binary float on the wire still gives them back exactly
PRICE_PLACES_MAX = 4
NAME_CHARS_MAX = 200


def spelled(amount: Decimal) -> str:
    """An amount for people: two places, or as many more as it has."""
    return f"{amount:.2f}" if amount == round(amount, 2) else f"{amount:f}"


@attrs.frozen(kw_only=True)
class Line:
    """Some units of one product, at one price each (None: the price is not known here)."""

    produit_id: str
    units: int
    unit_price: Decimal | None = None
    name: str | None = None

    @property
    def amount(self) -> Decimal:
        """Units times price; zero where the price is not known."""
        return self.units * self.unit_price if self.unit_price is not None else Decimal(0)


@attrs.frozen
class Cart:
    """1 to 100 lines, none of them for the same product at the same price as another."""

    lines: tuple[Line, ...]

    @classmethod
    def of(cls, lines: Iterable[Line]) -> "Cart":
        """A cart of `lines`, where lines for the same product at the same price are summed.

        Raises:
            InvalidValue: too few or too many lines, or a product wanted more than `UNITS_MAX` times.
        """
        merged: dict[tuple[str, Decimal | None], Line] = {}
        for count, line in enumerate(lines, start=1):
            if count > LINES_MAX:
                raise InvalidValue("panier.produits", f"must have at most {LINES_MAX} lines")
            key = (line.produit_id, line.unit_price)
            known = merged.get(key)
            merged[key] = line if known is None else attrs.evolve(known, units=known.units + line.units)
        cart = cls(tuple(merged.values()))
        cart._check()
        return cart

    def _check(self) -> None:
        if not self.lines:
            raise InvalidValue("panier.produits", "must have at least 1 line")
        for produit_id, units in self.units_by_product().items():
            if units > UNITS_MAX:
                raise InvalidValue(
                    "quantite", f"must be at most {UNITS_MAX} per product; {produit_id} adds up to {units}"
                )

    def units_by_product(self) -> dict[str, int]:
        """Product id -> units wanted over all lines, in the order the products first appear."""
        wanted: dict[str, int] = {}
        for line in self.lines:
            wanted[line.produit_id] = wanted.get(line.produit_id, 0) + line.units
        return wanted

    def only(self, products: Container[str]) -> "Cart":
        """The lines for these products."""
        return Cart(tuple(line for line in self.lines if line.produit_id in products))

    @property
    def units(self) -> int:
        """Units over all lines."""
        return sum(line.units for line in self.lines)

    @property
    def total(self) -> Decimal:
        """The sum of all lines with a price."""
        return sum((line.amount for line in self.lines), Decimal(0))
