"""The newest lines of a trail, for whoever compares it with the stream."""

from collections import deque
from pathlib import Path

import orjson

from adapters.audit.files_seen import files_seen, lines_of
from adapters.codec.envelope import whole
from application.verify.verifier import Audited


def newest_lines(directory: Path, count: int) -> Audited:
    """At most `count` lines, as they were at this moment. A line that cannot be read is left out: whether the
    trail is as it was written is for `verify` to say.

    Raises:
        NothingToVerify: there is no trail.
        OSError: a file cannot be read.
    """
    files = files_seen(directory, None)
    opening = files[0].opening
    is_whole = opening is None or opening.follows is None
    lines: dict[str, str | None] = {}
    for file in reversed(files):
        newest = deque(lines_of(file), maxlen=count - len(lines))
        lines |= dict(told for line in newest if (told := _told_by(line)))
        if len(lines) >= count:
            is_whole = False
            break
    return Audited(lines, is_whole)


def _told_by(line: bytes) -> tuple[str, str | None] | None:
    try:
        read = orjson.loads(line)
        return read["position"], _event_id_in(read)
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return None


def _event_id_in(read: dict[str, str | None]) -> str | None:
    """A worker from before schema 2 kept the short id that it saw."""
    event_id = read.get("event_id")
    return event_id and whole(read.get("checkout_id") or "", event_id)
