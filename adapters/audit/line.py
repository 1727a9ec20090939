"""An audited entry as one line of JSON, and its position back from the line."""

import json
import re
from decimal import Decimal
from typing import Final

import orjson

from application.ports.event_store import StoredEntry

Key = tuple[int, int]
"""A position as `positions.parse` reads it; keys order as positions do."""

# Every line begins with its position, so that a file can be searched without parsing its JSON. The end of
# the line before is part of the pattern because a search for a literal is several times faster than for `^`.
_POSITION: Final = re.compile(rb'\n\{"position":"(\d+)(?:-(\d+))?"')
_OPTIONS: Final = orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS


def render(entry: StoredEntry) -> bytes:
    """The line of `entry`, its end included.

    Never raises: a payload that no JSON can hold is left out, and the line says so.
    """
    line = {
        "position": entry.position,
        "recorded_at": entry.recorded_at_s,
        "type": entry.type,
        "checkout_id": entry.checkout_id,
        "event_id": entry.event_id,
        "version": entry.version,
        "emitted_at": entry.emitted_at_s,
        "causation_id": entry.causation_id,
        "payload": entry.payload,
    }
    if entry.traceparent is not None:
        line["traceparent"] = entry.traceparent
    if entry.correlation_id is not None:
        line["correlation_id"] = entry.correlation_id
    if entry.malformed is not None:
        line["malformed"] = entry.malformed
    try:
        return orjson.dumps(line, default=_number_or_text, option=_OPTIONS)
    except TypeError:  # an integer beyond 64 bits, half a surrogate pair, too deep
        return _render_slowly(line)


def with_fields(line: bytes, fields: bytes) -> bytes:
    """`line` with `fields`, each after a comma, behind its position."""
    if not fields:
        return line
    after_position = line.index(b'",') + 1
    return line[:after_position] + fields + line[after_position:]


def keys_of(lines: bytes) -> list[Key]:
    """The positions of whole lines, in their order."""
    return [(int(time_ms), int(number or 0)) for time_ms, number in _POSITION.findall(b"\n" + lines)]


def _render_slowly(line: dict[str, object]) -> bytes:
    try:
        return _dump(line)
    except Exception as error:  # noqa: BLE001 - a line without its payload is better than none
        unwritable = f"the payload cannot be written as JSON: {type(error).__name__}"
        return _dump(line | {"payload": None, "malformed": unwritable})


def _dump(line: dict[str, object]) -> bytes:
    text = json.dumps(line, default=str, separators=(",", ":"), allow_nan=False)
    return text.encode() + b"\n"


def _number_or_text(value: object) -> object:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value))  # to the digit, as it was on the wire
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - an odd payload must not stop the audit
        return f"<{type(value).__name__}>"
