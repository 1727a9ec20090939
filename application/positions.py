"""Places in a stream, as text: `<milliseconds since the epoch>-<number within that millisecond>`."""

import re

from application.ports.errors import InvalidPosition

PART_MAX = 2**64 - 1
_form = re.compile(r"([0-9]{1,20})(?:-([0-9]{1,20}))?").fullmatch


def parse(position: str) -> tuple[int, int]:
    """(milliseconds, number), which order as the positions do. The number may be left out: 0.

    Raises:
        InvalidPosition: not of that form.
    """
    found = _form(position)
    milliseconds, number = (int(found[1]), int(found[2] or 0)) if found else (PART_MAX + 1, 0)
    if max(milliseconds, number) > PART_MAX:
        raise InvalidPosition(position)
    return milliseconds, number


def recorded_at_s(position: str) -> float:
    """When the store recorded what is there, epoch seconds."""
    return parse(position)[0] / 1000
