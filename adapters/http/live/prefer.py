"""The `Prefer` header (RFC 7240): how long a caller would rather wait than be told that it is not done."""

import re
from typing import Final

from flask import request

CHARS_MAX: Final = 1_024
"""A longer header is passed over."""

_NAME: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED: Final = r'"(?:[^"\\]|\\.)*"'
_preferences = re.compile(rf'(?:[^",]|{_QUOTED})+').findall
_preference = re.compile(rf"\s*({_NAME})\s*(?:=\s*({_NAME}|{_QUOTED})\s*)?(?:;|$)").match
_is_seconds = re.compile(r"[0-9]{1,9}").fullmatch


def wait_s(longest_s: int) -> int | None:
    """The seconds in `wait`, at most `longest_s`; None where it is not asked for.

    What is no preference is passed over, as the standard has it, and of several `wait` the first counts.
    """
    given = request.environ.get("HTTP_PREFER")
    if given is None or len(given) > CHARS_MAX:
        return None
    for text in _preferences(given):
        found = _preference(text)
        if found and found[1].lower() == "wait":
            value = (found[2] or "").strip('"')
            return min(int(value), longest_s) if _is_seconds(value) else None
    return None


def applied(waited_s: int) -> dict[str, str]:
    """The header that says that the preference was honoured, and with how many seconds."""
    return {"Preference-Applied": f"wait={waited_s}"}
