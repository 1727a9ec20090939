"""What a request says: its body, its ids, its headers. Each is read exactly or refused.

Broken JSON is a 400; JSON that breaks a limit is an `InvalidValue`, and that a 422.
"""

import json
import math
import re
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from domain.errors import InvalidValue
from domain.identifiers import ID_RULE, is_identifier

KEY_CHARS_MAX = 200
NAME_CHARS_SHOWN = 50

_KEY_RULE = f"must be 1 to {KEY_CHARS_MAX} printable ASCII characters"
_is_key = re.compile(rf"[\x20-\x7e]{{1,{KEY_CHARS_MAX}}}").fullmatch
_is_quoted = re.compile(r'"(?:[^"\\]|\\["\\])*"').fullmatch
_is_traceparent = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
).fullmatch


class WrongContentType(Exception):
    """The body is not said to be JSON."""


class BrokenJson(Exception):
    """The body is not JSON; the message says where."""


def json_body() -> object:
    """The body, with every decimal as it was written.

    Raises:
        WrongContentType: it is not `application/json`.
        RequestEntityTooLarge: it is longer than the application's limit.
        BrokenJson: it is not JSON (RFC 8259), or not UTF-8.
        InvalidValue: an object in it has the same field twice.
    """
    if request.mimetype != "application/json":
        raise WrongContentType
    body = request.get_data(cache=False)
    if len(body) >= (request.max_content_length or math.inf):
        raise RequestEntityTooLarge
    try:
        # The strict reader judges (UTF-8, no NaN, no half characters), the other one keeps decimals.
        orjson.loads(body)
        return _exact.decode(body.decode())
    except orjson.JSONDecodeError as error:
        raise BrokenJson(f"body is not JSON: {error}") from error
    except RecursionError as error:
        raise BrokenJson("body is nested too deeply") from error
    except InvalidOperation as error:
        raise BrokenJson("body has a number with too large an exponent") from error


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidValue(twice[:NAME_CHARS_SHOWN], "must be given once")
    return found


_exact = json.JSONDecoder(parse_float=Decimal, object_pairs_hook=_each_once)


def identifier(text: str, field: str) -> str:
    """An id from the path.

    Raises:
        InvalidValue: it cannot be one.
    """
    if not is_identifier(text):
        raise InvalidValue(field, ID_RULE)
    return text


def idempotency_key() -> str | None:
    """The `Idempotency-Key` header, plain or as a quoted string (RFC 8941); both mean the same key.

    Raises:
        InvalidValue: it is empty, too long, or not printable ASCII.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if key.startswith('"'):
        if not _is_quoted(key):
            raise InvalidValue("Idempotency-Key", "must end the quoted string it starts")
        key = re.sub(r"\\(.)", r"\1", key[1:-1])
    if not _is_key(key):
        raise InvalidValue("Idempotency-Key", _KEY_RULE)
    return key


def traceparent() -> str | None:
    """The `traceparent` header (W3C Trace Context); an invalid one is ignored, as the standard says."""
    given = request.headers.get("traceparent")
    return given if given is not None and _is_traceparent(given) else None
