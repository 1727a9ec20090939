"""What the examples were answered, as it was written down by `python -m tests.unit.http.examples`."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

DIRECTORY: Final = Path(__file__).parent / "examples"
EVENTS: Final = DIRECTORY / "events" / "events.json"


@cache
def _of_operation(id: str) -> dict[str, dict[str, Any]]:
    path = DIRECTORY / f"{id}.json"
    found: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return found


@cache
def recorded_events() -> dict[str, dict[str, Any]]:
    """Event type -> an entry with everything that it may have: its fields as `headers`, and its `payload`."""
    found: dict[str, dict[str, Any]] = json.loads(EVENTS.read_text("utf-8"))
    return found


def recorded(id: str, status: int) -> dict[str, Any]:
    """Name of an example -> the body of its answer, of those answered with `status`."""
    return _of_operation(id).get(str(status), {})
