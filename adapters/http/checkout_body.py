"""What a request for a checkout looks like, in our own form and in the existing shop's.

Both are closed: a field that is not known is refused, since a misspelt one would be lost. In our own
form, what the caller has calculated (`nombre_articles`, `total`) must agree with the lines; the existing
shop's figures are its own affair and are not looked at. A client named twice must be the same.
"""

from decimal import Decimal
from typing import Final, NotRequired, TypedDict

import attrs

from adapters.codec.carts import LINE_FIELDS, AddressShape
from adapters.codec.shapes import Amount, Field, Identifier, Integer, ListOf, Record, Schema
from domain.cart import LINES_MAX, PRICE_MAX, PRICE_PLACES_MAX, UNITS_MAX, Cart, Line
from domain.checkout.events import Address
from domain.errors import InvalidValue

_UNITS_TOTAL_MAX: Final = UNITS_MAX * LINES_MAX


class Wanted(TypedDict):
    """What a body says to `CheckoutStarter.start`."""

    client_id: str
    cart: Cart
    delivery_address: NotRequired[Address]


@attrs.frozen(kw_only=True)
class _Panier:
    cart: Cart
    client_id: str | None = None


@attrs.frozen(kw_only=True)
class _Request:
    panier: _Panier
    client_id: str | None = None
    delivery_address: Address | None = None

    def by(self, client_id: str) -> Wanted:
        """The request as one of `client_id`, whom it must not contradict."""
        for field, named in (("client_id", self.client_id), ("panier.client_id", self.panier.client_id)):
            if named is not None and named != client_id:
                raise InvalidValue(field, f"must be the client who checks out, {client_id}")
        wanted = Wanted(client_id=client_id, cart=self.panier.cart)
        if self.delivery_address is not None:
            wanted["delivery_address"] = self.delivery_address
        return wanted


@attrs.frozen
class _Ignored:
    """Anything at all; nobody looks at it."""

    def parse(self, value: object, path: str) -> None:
        """Nothing, whatever the value."""

    def schema(self) -> Schema:
        return {}


def _own_panier(
    lines: list[Line], units: int | None = None, total: Decimal | None = None, client_id: str | None = None
) -> _Panier:
    cart = Cart.of(lines)
    if units is not None and units != cart.units:
        raise InvalidValue("panier.nombre_articles", f"must be the units of all lines, {cart.units}")
    if total is not None and total != cart.total and all(line.unit_price is not None for line in lines):
        raise InvalidValue("panier.total", f"must be the sum of all lines, {cart.total}")
    return _Panier(cart=cart, client_id=client_id)


def _shop_panier(
    lines: list[Line] | None = None,
    lignes: list[Line] | None = None,
    client_id: str | None = None,
    ignored: None = None,  # noqa: ARG001 - has to be known, to be left out
) -> _Panier:
    if (lines is None) == (lignes is None):
        raise InvalidValue("panier", "must have either produits or lignes")
    return _Panier(cart=Cart.of(lines or lignes or ()), client_id=client_id)


def _shop_line(*, ignored: None = None, **line: object) -> Line:  # noqa: ARG001 - as above
    return Line(**line)  # type: ignore[arg-type]  # the fields are parsed into what Line takes


def _lines(line: Record[Line]) -> ListOf[Line]:
    return ListOf(item=line, low=1, high=LINES_MAX)


_CLIENT: Final = Field("client_id", "client_id", Identifier(), required=False)
_ADDRESS: Final = Field("adresse_livraison", "delivery_address", AddressShape(), required=False)
_TOTAL: Final = Amount(places=PRICE_PLACES_MAX, high=PRICE_MAX * _UNITS_TOTAL_MAX)
_OWN_LINES: Final = _lines(Record(build=Line, fields=LINE_FIELDS, closed=True))
_SHOP_LINES: Final = _lines(
    Record(
        build=_shop_line,
        fields=(*LINE_FIELDS, Field("prix_total", "ignored", _Ignored(), required=False)),
        closed=True,
    )
)
_OWN_PANIER: Final = Record(
    build=_own_panier,
    fields=(
        Field("produits", "lines", _OWN_LINES),
        Field("nombre_articles", "units", Integer(low=1, high=_UNITS_TOTAL_MAX), required=False),
        Field("total", "total", _TOTAL, required=False),
        _CLIENT,
    ),
    closed=True,
)
_SHOP_PANIER: Final = Record(
    build=_shop_panier,
    fields=(
        Field("produits", "lines", _SHOP_LINES, required=False),
        Field("lignes", "lignes", _SHOP_LINES, required=False),
        Field("nombre_articles", "ignored", _Ignored(), required=False),
        Field("total", "ignored", _Ignored(), required=False),
        _CLIENT,
    ),
    closed=True,
)
OWN: Final = Record(
    build=_Request,
    fields=(
        Field("client_id", "client_id", Identifier()),
        Field("panier", "panier", _OWN_PANIER),
        _ADDRESS,
    ),
    closed=True,
)
SHOP: Final = Record(
    build=_Request, fields=(Field("panier", "panier", _SHOP_PANIER), _CLIENT, _ADDRESS), closed=True
)


def own_form(body: object) -> Wanted:
    """`{client_id, panier: {produits: [...]}, adresse_livraison?}`.

    Raises:
        InvalidValue: it is not, or contradicts itself.
    """
    request = OWN.parse(body, "")
    assert request.client_id is not None, "a required field"
    return request.by(request.client_id)


def shop_form(client_id: str, body: object) -> Wanted:
    """`{panier: {produits or lignes: [...]}}` as the existing shop sends it for `client_id`.

    Raises:
        InvalidValue: it is not, or is about somebody else.
    """
    return SHOP.parse(body, "").by(client_id)
