"""What may be an idempotency key, over HTTP and on the command line alike: they name the same thing."""

import re
from typing import Final

from domain.errors import InvalidValue

KEY_CHARS_MAX: Final = 200
_is_key = re.compile(rf"[\x20-\x7e]{{1,{KEY_CHARS_MAX}}}").fullmatch


def checked_key(key: str, field: str) -> str:
    """`key` itself; `field` is what the caller calls it.

    Raises:
        InvalidValue: it is empty, too long, or not printable ASCII.
    """
    if not _is_key(key):
        raise InvalidValue(field, f"must be 1 to {KEY_CHARS_MAX} printable ASCII characters")
    return key
