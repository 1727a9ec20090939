"""Places in a stream, as text: `<milliseconds since the epoch>-<number within that millisecond>`."""

import re

from application.ports.errors import InvalidPosition

PART_MAX = 2**64 - 1
NUMBER_MAX = 10**15  # above any number within a millisecond, and still exact as a double in a script
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
    """When the store recorded what is there, epoch seconds. For a position that the store gave: any other is
    for `parse` to look at."""
    return int(position.partition("-")[0]) / 1000


def before(position: str) -> str:
    """A position below this one, and above every other below it that a store gives."""
    milliseconds, number = parse(position)
    if number:
        return f"{milliseconds}-{number - 1}"
    return f"{milliseconds - 1}-{NUMBER_MAX}" if milliseconds else "0-0"


def after(position: str) -> str:
    """The next position."""
    milliseconds, number = parse(position)
    return f"{milliseconds}-{number + 1}"
