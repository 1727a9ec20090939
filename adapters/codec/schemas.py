"""A JSON Schema per event type, made from the same shapes that read the payloads.

`python -m adapters.codec.schemas` writes them to `docs/events/`, for those who write other programs.
"""

import inspect
import json
from pathlib import Path
from typing import Final, get_args

from adapters.codec.events import PAYLOADS
from adapters.codec.shapes import Schema
from application.events.streams import Event

DIRECTORY: Final = Path(__file__).parents[2] / "docs" / "events"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_EMITTED_AT: Final[Schema] = {
    "type": "number",
    "exclusiveMinimum": 0,
    "description": "Epoch seconds, by the writer's clock. Without it, the time of the entry serves.",
}


def schema_of(event_type: type[Event]) -> Schema:
    """The schema of the payload of `event_type`. Fields beyond it are allowed, and passed over."""
    name = event_type.__name__
    shape = PAYLOADS[name].schema()
    return {
        "$schema": DIALECT,
        "$id": f"{name}.json",
        "title": name,
        "description": inspect.cleandoc(event_type.__doc__ or ""),
        **shape,
        "properties": {**shape["properties"], "emitted_at": _EMITTED_AT},
    }


def payload_schema(event_type: type[Event]) -> Schema:
    """The same within another document: without what only one of its own has."""
    return {name: value for name, value in schema_of(event_type).items() if not name.startswith("$")}


def documents() -> dict[str, str]:
    """File name -> text, for every event type."""
    return {
        f"{event_type.__name__}.json": json.dumps(schema_of(event_type), indent=2, ensure_ascii=False) + "\n"
        for event_type in get_args(Event)
    }


def write(directory: Path = DIRECTORY) -> None:
    """Write every schema, and remove those of event types that are no more."""
    directory.mkdir(parents=True, exist_ok=True)
    wanted = documents()
    for path in directory.glob("*.json"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (directory / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
