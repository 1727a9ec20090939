"""Times as they are typed and told: 90s, 5m, 2h; a moment as epoch seconds or as date and time."""

import re
from datetime import datetime
from typing import Final

from domain.errors import InvalidValue

_UNITS_S: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DURATION_RULE: Final = "must be a number with its unit, s, m, h or d: 90s, 5m, 2h"
_MOMENT_RULE: Final = "must be epoch seconds, or date and time: 2026-03-01T14:30"
_is_duration = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)([smhd])").fullmatch
_is_epoch = re.compile(r"[0-9]{1,11}(?:\.[0-9]{1,6})?").fullmatch


def duration_s(text: str, option: str) -> float:
    """A duration in seconds.

    Raises:
        InvalidValue: it is none.
    """
    found = _is_duration(text)
    if found is None:
        raise InvalidValue(option, _DURATION_RULE)
    return float(found[1]) * _UNITS_S[found[2]]


def moment_s(text: str, option: str) -> float:
    """A moment in epoch seconds. Date and time without an offset are local.

    Raises:
        InvalidValue: it is none.
    """
    if _is_epoch(text):
        return float(text)
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise InvalidValue(option, _MOMENT_RULE) from error


def in_words(seconds: float) -> str:
    """A duration in its two largest units: 42 s, 6 min 40 s, 2 h 5 min, 3 d 1 h."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    for unit_s, unit, part_s, part in (
        (86_400, "d", 3_600, "h"),
        (3_600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if whole >= unit_s:
            many, few = whole // unit_s, whole % unit_s // part_s
            return f"{many:,} {unit} {few} {part}" if few else f"{many:,} {unit}"
    raise AssertionError(whole)
