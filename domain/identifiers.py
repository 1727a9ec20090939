"""What an id may look like: of clients, products, checkouts and orders."""

import re

from domain.errors import InvalidValue

ID_CHARS_MAX = 128
ID_PATTERN = r"^[A-Za-z0-9\-_.:]{1,128}$"
ID_RULE = "must be 1 to 128 letters, digits or any of - _ . :"

_is_id = re.compile(r"[A-Za-z0-9\-_.:]{1,128}").fullmatch


def identifier(text: str, field: str) -> str:
    """`text` itself; `field` is what the caller calls it.

    Raises:
        InvalidValue: it cannot name anything.
    """
    if not is_identifier(text):
        raise InvalidValue(field, ID_RULE)
    return text


def is_identifier(text: str) -> bool:
    """Whether `text` may name a client, a product, a checkout or an order."""
    return _is_id(text) is not None
