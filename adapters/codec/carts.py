"""Carts, addresses and shortages on the wire, under the names of the existing shop (`panier`, `produits`)."""

from collections.abc import Mapping

import attrs

from adapters.codec.shapes import Amount, Field, Flag, Identifier, Integer, ListOf, Record, Schema, Text
from domain.cart import LINES_MAX, NAME_CHARS_MAX, PRICE_MAX, PRICE_PLACES_MAX, UNITS_MAX, Cart, Line
from domain.checkout.events import Address
from domain.errors import InvalidValue
from domain.inventory.reservation import Shortage

ADDRESS_PARTS_MAX = 20
ADDRESS_CHARS_MAX = 500
UNITS_FREE_MAX = 2**53

PRICE = Amount(places=PRICE_PLACES_MAX, high=PRICE_MAX)
LINE_FIELDS = (
    Field("produit_id", "produit_id", Identifier()),
    Field("quantite", "units", Integer(low=1, high=UNITS_MAX)),
    Field("prix_unitaire", "unit_price", PRICE, required=False),
    Field("nom_produit", "name", Text(chars_max=NAME_CHARS_MAX), required=False),
)
LINES = ListOf(item=Record(build=Line, fields=LINE_FIELDS), low=1, high=LINES_MAX)


def _cart(lines: list[Line]) -> Cart:
    return Cart.of(lines)


CART: Record[Cart] = Record(build=_cart, fields=(Field("produits", "lines", LINES),))

SHORTAGES = ListOf(
    item=Record(
        build=Shortage,
        fields=(
            Field("produit_id", "produit_id", Identifier()),
            Field("quantite_demandee", "units_wanted", Integer(low=0, high=UNITS_FREE_MAX)),
            Field("quantite_disponible", "units_free", Integer(low=-UNITS_FREE_MAX, high=UNITS_FREE_MAX)),
            Field("connu", "known", Flag(), required=False),
        ),
    ),
    high=LINES_MAX,
)


@attrs.frozen
class ShortagesShape:
    """The products that were short, as a tuple."""

    def parse(self, value: object, path: str) -> tuple[Shortage, ...]:
        return tuple(SHORTAGES.parse(value, path))

    def schema(self) -> Schema:
        return SHORTAGES.schema()


@attrs.frozen
class AddressShape:
    """Free text, or an object of named texts."""

    def parse(self, value: object, path: str) -> Address:
        text = Text(chars_max=ADDRESS_CHARS_MAX)
        if not isinstance(value, dict):
            return text.parse(value, path)
        if len(value) > ADDRESS_PARTS_MAX:
            raise InvalidValue(path, f"must have at most {ADDRESS_PARTS_MAX} parts")
        return tuple((str(name), text.parse(part, f"{path}.{name}")) for name, part in value.items())

    def schema(self) -> Schema:
        text = Text(chars_max=ADDRESS_CHARS_MAX).schema()
        parts = {"type": "object", "additionalProperties": text, "maxProperties": ADDRESS_PARTS_MAX}
        return {"anyOf": [text, parts]}


def cart_to_wire(cart: Cart) -> dict[str, object]:
    """The `panier` of `cart`. Amounts are JSON numbers, which other programs calculate with."""
    return {
        "produits": [_line_to_wire(line) for line in cart.lines],
        "nombre_articles": cart.units,
        "total": float(cart.total),
    }


def _line_to_wire(line: Line) -> dict[str, object]:
    wire: dict[str, object] = {"produit_id": line.produit_id, "quantite": line.units}
    if line.unit_price is not None:
        wire["prix_unitaire"] = float(line.unit_price)
    if line.name is not None:
        wire["nom_produit"] = line.name
    return wire


def address_to_wire(address: Address) -> str | Mapping[str, str]:
    """The `adresse_livraison` of `address`."""
    return address if isinstance(address, str) else dict(address)


def shortage_to_wire(shortage: Shortage) -> dict[str, object]:
    """One of the `ruptures`."""
    wire: dict[str, object] = {
        "produit_id": shortage.produit_id,
        "quantite_demandee": shortage.units_wanted,
        "quantite_disponible": shortage.units_free,
    }
    return wire if shortage.known else wire | {"connu": False}
