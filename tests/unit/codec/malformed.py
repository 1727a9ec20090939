"""Payloads that are no CheckoutInitiated, and what is said about each."""

from collections.abc import Mapping
from typing import Final

LINE: Final = '{"produit_id":"p-1","quantite":1}'
ID_RULE: Final = "payload.checkout_id must be 1 to 128 letters, digits or any of - _ . :"
UNITS_RULE: Final = "payload.panier.produits[0].quantite must be a whole number from 1 to 100000"
PRICE_RULE: Final = (
    "payload.panier.produits[0].prix_unitaire must be a decimal from 0 to 9999999999.9999, at most 4 places"
)
NOT_JSON: Final = "payload is not JSON: "
"""The rest is the JSON reader's."""


def start(lines: str = LINE, *, ids: str = '"checkout_id":"c-1","client_id":"ada"') -> str:
    """The payload of a start, in JSON."""
    return f'{{{ids},"panier":{{"produits":[{lines}]}}}}'


def line(**fields: str) -> str:
    """A line of a cart; each field in JSON, so that it can be wrong."""
    return "{" + ",".join(f'"{name}":{text}' for name, text in (LINE_FIELDS | fields).items()) + "}"


LINE_FIELDS: Final = {"produit_id": '"p-1"', "quantite": "1"}

MALFORMED: Final[Mapping[str, tuple[str | bytes, str]]] = {
    "broken JSON": ('{"checkout_id":', NOT_JSON),
    "nothing": ("", NOT_JSON),
    "a list": ("[]", "payload must be a JSON object"),
    "a text": ('"x"', "payload must be a JSON object"),
    "null": ("null", "payload must be a JSON object"),
    "not UTF-8": (b'{"checkout_id":"\xff"}', NOT_JSON),
    "NaN": (start(line(quantite="NaN")), NOT_JSON),
    "half a character": (start(line(nom_produit='"\\ud800"')), NOT_JSON),
    "far too deep": ("[" * 100_000, NOT_JSON),
    "1 MB": ('{"x":"' + "x" * 1_048_576 + '"}', "payload must be at most 262144 bytes, is 1048584"),
    "no checkout_id": (start(ids='"client_id":"ada"'), "payload.checkout_id is required"),
    "no client": (start(ids='"checkout_id":"c-1"'), "payload.client_id is required"),
    "a number for an id": (start(ids='"checkout_id":7,"client_id":"ada"'), ID_RULE),
    "an id with a space": (start(ids='"checkout_id":"c 1","client_id":"ada"'), ID_RULE),
    "an id too long": (start(ids=f'"checkout_id":"{"c" * 129}","client_id":"ada"'), ID_RULE),
    "no cart": ('{"checkout_id":"c-1","client_id":"ada"}', "payload.panier is required"),
    "a cart that is none": (
        '{"checkout_id":"c-1","client_id":"ada","panier":[]}',
        "payload.panier must be a JSON object",
    ),
    "an empty cart": (start(""), "payload.panier.produits must have 1 to 100 items"),
    "a line too many": (start(",".join([LINE] * 101)), "payload.panier.produits must have 1 to 100 items"),
    "a line that is none": (start("7"), "payload.panier.produits[0] must be a JSON object"),
    "a line without product": (start('{"quantite":1}'), "payload.panier.produits[0].produit_id is required"),
    "a line without units": (
        start(LINE + ',{"produit_id":"p-2"}'),
        "payload.panier.produits[1].quantite is required",
    ),
    "no units": (start(line(quantite="0")), UNITS_RULE),
    "negative units": (start(line(quantite="-3")), UNITS_RULE),
    "too many units": (start(line(quantite="100001")), UNITS_RULE),
    "more units than a number holds": (start(line(quantite="1e400")), NOT_JSON),
    "a true for units": (start(line(quantite="true")), UNITS_RULE),
    "half a unit": (start(line(quantite="1.5")), UNITS_RULE),
    "a sum of too many units": (
        start('{"produit_id":"p-1","quantite":100000},' + LINE),
        "quantite must be at most 100000 per product; p-1 adds up to 100001",
    ),
    "a negative price": (start(line(prix_unitaire="-0.01")), PRICE_RULE),
    "a price with five places": (start(line(prix_unitaire="0.00001")), PRICE_RULE),
    "a price that is a word": (start(line(prix_unitaire='"dear"')), PRICE_RULE),
    "a price beyond all": (start(line(prix_unitaire="1e300")), PRICE_RULE),
    "a name too long": (
        start(f'{{"produit_id":"p-1","quantite":1,"nom_produit":"{"n" * 201}"}}'),
        "payload.panier.produits[0].nom_produit must be text of at most 200 characters",
    ),
}
"""What is wrong with it -> (payload, the reason that is given)."""
