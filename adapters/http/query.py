"""Query parameters: known ones only, each at most once, each inside its limits."""

import re
from collections.abc import Mapping

from flask import request

from adapters.codec.strict_json import NAME_CHARS_SHOWN
from adapters.http.limits import HttpLimits
from domain.errors import InvalidValue

CURSOR_CHARS_MAX = 192  # a time and the longest id

_is_number = re.compile(r"[0-9]{1,9}").fullmatch
is_cursor = re.compile(rf"[\x21-\x7e]{{1,{CURSOR_CHARS_MAX}}}").fullmatch


def query(*known: str) -> Mapping[str, str]:
    """The parameters given.

    Raises:
        InvalidValue: one is none of `known`, or is given twice.
    """
    if not request.environ.get("QUERY_STRING"):
        return {}
    given = request.args
    for name in given:
        if name not in known:
            rule = f"is not a parameter here; known: {', '.join(sorted(known)) or 'none'}"
            raise InvalidValue(name[:NAME_CHARS_SHOWN], rule)
        if len(given.getlist(name)) > 1:
            raise InvalidValue(name, "must be given once")
    return given.to_dict()


def whole(given: Mapping[str, str], name: str, *, low: int, high: int, default: int) -> int:
    """A whole number from `low` to `high`.

    Raises:
        InvalidValue: it is none, or outside.
    """
    text = given.get(name)
    if text is None:
        return default
    if not _is_number(text) or not low <= int(text) <= high:
        raise InvalidValue(name, f"must be a whole number from {low} to {high}")
    return int(text)


def page_size(given: Mapping[str, str], limits: HttpLimits) -> int:
    """`count`, how many a page is to hold at most.

    Raises:
        InvalidValue: it is no whole number, or too large.
    """
    return whole(given, "count", low=1, high=limits.page_max, default=limits.page_default)


def choice(given: Mapping[str, str], name: str, *allowed: str) -> str:
    """One of `allowed`, the first of them by default.

    Raises:
        InvalidValue: it is something else.
    """
    text = given.get(name, allowed[0])
    if text not in allowed:
        raise InvalidValue(name, f"must be one of {', '.join(allowed)}")
    return text


def cursor(given: Mapping[str, str], name: str) -> str | None:
    """A position or a cursor; whether it is a real one is for the store to say.

    Raises:
        InvalidValue: it cannot be one.
    """
    text = given.get(name)
    if text is not None and not is_cursor(text):
        raise InvalidValue(name, f"must be 1 to {CURSOR_CHARS_MAX} printable ASCII characters")
    return text


def name_of(given: Mapping[str, str], name: str, *, chars_max: int) -> str | None:
    """A name of 1 to `chars_max` characters.

    Raises:
        InvalidValue: it is empty or too long.
    """
    text = given.get(name)
    if text is not None and not 1 <= len(text) <= chars_max:
        raise InvalidValue(name, f"must be 1 to {chars_max} characters")
    return text
