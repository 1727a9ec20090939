"""Cursors into lists of (checkout id, time) that are in the order of the times.

A cursor names the last row of a page, not how many came before it: what was taken out of the list in the
meantime makes no other row be left out.
"""

import re
from typing import Final

from application.ports.errors import InvalidPosition
from domain.identifiers import is_identifier

Row = tuple[str, float]
_is_time: Final = re.compile(r"[0-9]{1,16}(\.[0-9]{1,24})?(e[+-]?[0-9]{1,2})?").fullmatch


def cursor_of(row: Row) -> str:
    """The cursor to what follows `row`."""
    checkout_id, at_s = row
    return f"{at_s!r}:{checkout_id}"


def row_of(cursor: str) -> Row:
    """The row that `cursor` names, whether or not it is still there.

    Raises:
        InvalidPosition: it names none.
    """
    time, _, checkout_id = cursor.partition(":")
    if not _is_time(time) or not is_identifier(checkout_id):
        raise InvalidPosition(cursor)
    return checkout_id, float(time)


def follows(row: Row, last: Row) -> bool:
    """Whether `row` comes after `last`: by time, and by id where the times are the same."""
    return (row[1], row[0]) > (last[1], last[0])
