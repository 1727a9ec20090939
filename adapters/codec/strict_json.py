"""JSON that somebody sends: read exactly or refused."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import orjson

from domain.errors import InvalidValue

NAME_CHARS_SHOWN: Final = 50


class BrokenJson(Exception):
    """It is not JSON; the message says where."""


def read(text: bytes, name: str) -> object:
    """What `text` says, with every decimal as it was written; `name` is what an error calls the text.

    Raises:
        BrokenJson: it is not JSON (RFC 8259), or not UTF-8.
        InvalidValue: an object in it has the same field twice.
    """
    try:
        # The strict reader judges (UTF-8, no NaN, no half characters), the other one keeps decimals.
        orjson.loads(text)
        return _exact.decode(text.decode())
    except orjson.JSONDecodeError as error:
        raise BrokenJson(f"{name} is not JSON: {error}") from error
    except RecursionError as error:
        raise BrokenJson(f"{name} is nested too deeply") from error
    except InvalidOperation as error:
        raise BrokenJson(f"{name} has a number with too large an exponent") from error


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidValue(twice[:NAME_CHARS_SHOWN], "must be given once")
    return found


_exact: Final = json.JSONDecoder(parse_float=Decimal, object_pairs_hook=_each_once)
