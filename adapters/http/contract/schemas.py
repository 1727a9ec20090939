"""JSON Schemas of answers, in a few words. Times are epoch seconds, amounts JSON numbers."""

from collections.abc import Iterable
from typing import Final

from adapters.codec.shapes import SECONDS_MAX, Identifier, Schema

ID: Final = Identifier().schema()
TEXT: Final[Schema] = {"type": "string"}
FLAG: Final[Schema] = {"type": "boolean"}
NUMBER: Final[Schema] = {"type": "integer", "minimum": 0}
VERSION: Final[Schema] = {
    "type": "integer",
    "minimum": 1,
    "description": "How many events the entity has.",
}
SECONDS: Final[Schema] = {
    "type": "number",
    "minimum": 0,
    "maximum": SECONDS_MAX,
    "description": "Seconds since the epoch.",
}
AMOUNT: Final[Schema] = {"type": "number", "minimum": 0}
POSITION: Final[Schema] = {
    "type": "string",
    "pattern": "^[0-9]{1,20}-[0-9]{1,20}$",
    "description": "A place in a stream: its milliseconds since the epoch, and a number within these.",
}
PATH: Final[Schema] = {"type": "string", "format": "uri-reference"}


def record(optional: Iterable[str] = (), /, **fields: Schema) -> Schema:
    """An object that has all of these fields, but for those that are optional."""
    left_out = set(optional)
    return {
        "type": "object",
        "properties": fields,
        "required": [name for name in fields if name not in left_out],
    }


def list_of(item: Schema) -> Schema:
    """A list of any length."""
    return {"type": "array", "items": item}


def map_of(value: Schema) -> Schema:
    """An object with any names."""
    return {"type": "object", "additionalProperties": value}


def one_of(*values: str | None) -> Schema:
    """One of these words."""
    types = ["string", "null"] if None in values else "string"
    return {"type": types, "enum": list(values)}


def maybe(schema: Schema) -> Schema:
    """This, or null."""
    if isinstance(schema.get("type"), str):
        return schema | {"type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def named(name: str) -> Schema:
    """The component of that name."""
    return {"$ref": f"#/components/schemas/{name}"}


def links(*names: str, optional: Iterable[str] = ()) -> Schema:
    """Where related things are found: paths of this service."""
    return record(optional, **dict.fromkeys((*names, *optional), PATH))


def page(name: str, item: Schema, **beside: Schema) -> Schema:
    """One page of a list, and the cursor for more."""
    cursor = maybe(TEXT) | {"description": "The cursor of the next page, for `after`; null at the end."}
    return record(**beside, **{name: list_of(item)}, next=cursor)
