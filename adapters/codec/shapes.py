"""What a JSON value must look like: one description that parses, refuses and documents.

A shape turns a parsed JSON value into a domain value, or raises `InvalidValue` with the path of the
field and the limit it breaks; `schema` says the same as JSON Schema (2020-12).
"""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, Protocol, TypeVar

import attrs

from domain.errors import InvalidValue
from domain.identifiers import ID_PATTERN, ID_RULE, is_identifier

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Schema = dict[str, Any]


class Shape(Protocol[T_co]):
    """Parses one kind of JSON value."""

    def parse(self, value: object, path: str) -> T_co:
        """`value` as the domain has it.

        Raises:
            InvalidValue: it has another shape; `path` names it.
        """

    def schema(self) -> Schema:
        """The same, as JSON Schema."""


@attrs.frozen
class Identifier:
    """An id of a client, product, checkout or order."""

    def parse(self, value: object, path: str) -> str:
        if not isinstance(value, str) or not is_identifier(value):
            raise InvalidValue(path, ID_RULE)
        return value

    def schema(self) -> Schema:
        return {"type": "string", "pattern": ID_PATTERN}


@attrs.frozen(kw_only=True)
class Text:
    """Free text of at most `chars_max` characters."""

    chars_max: int

    def parse(self, value: object, path: str) -> str:
        if not isinstance(value, str) or len(value) > self.chars_max:
            raise InvalidValue(path, f"must be text of at most {self.chars_max} characters")
        return value

    def schema(self) -> Schema:
        return {"type": "string", "maxLength": self.chars_max}


@attrs.frozen(kw_only=True)
class Integer:
    """A whole number in a range, both ends included."""

    low: int
    high: int

    def parse(self, value: object, path: str) -> int:
        if type(value) is not int or not self.low <= value <= self.high:
            raise InvalidValue(path, f"must be a whole number from {self.low} to {self.high}")
        return value

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


SECONDS_MAX = 1e11


@attrs.frozen
class Seconds:
    """A moment, in seconds since the epoch."""

    def parse(self, value: object, path: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise InvalidValue(path, "must be a number of seconds since the epoch")
        if not 0 <= value <= SECONDS_MAX:
            raise InvalidValue(path, f"must be from 0 to {SECONDS_MAX:.0f} seconds since the epoch")
        return float(value)

    def schema(self) -> Schema:
        return {"type": "number", "minimum": 0, "maximum": SECONDS_MAX}


@attrs.frozen
class Flag:
    """True or false."""

    def parse(self, value: object, path: str) -> bool:
        if not isinstance(value, bool):
            raise InvalidValue(path, "must be true or false")
        return value

    def schema(self) -> Schema:
        return {"type": "boolean"}


@attrs.frozen(kw_only=True)
class Amount:
    """A decimal from 0 to `high` with at most `places` places, as a number or as text.

    Kept exactly: 15 significant digits survive the binary number that JSON readers make of it.
    """

    places: int
    high: Decimal

    def parse(self, value: object, path: str) -> Decimal:
        amount = _of_float(value) if type(value) is float else _decimal(value)
        if amount is None or not 0 <= amount <= self.high or not self._fits(amount):
            raise InvalidValue(path, f"must be a decimal from 0 to {self.high}, at most {self.places} places")
        return amount

    def _fits(self, amount: Decimal) -> bool:
        return amount == round(amount, self.places)

    def schema(self) -> Schema:
        number = {"type": "number", "minimum": 0, "maximum": float(self.high)}
        text = {"type": "string", "pattern": rf"^[0-9]+(\.[0-9]{{1,{self.places}}}0*)?$"}
        return {"anyOf": [number, text]}


def _of_float(value: float) -> Decimal | None:
    """The number as it was written, before a JSON reader made a binary one of it; None for infinities."""
    amount = Decimal(repr(value))
    return amount if amount.is_finite() else None


def _decimal(value: object) -> Decimal | None:
    """The number as it was written; None where it is none (not-a-number and infinities included)."""
    if type(value) is Decimal:
        return value if value.is_finite() else None
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    if isinstance(value, str) and not value.replace(".", "", 1).isdecimal():
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


@attrs.frozen(kw_only=True)
class ListOf(Generic[T]):
    """A list of `low` to `high` items of one shape."""

    item: Shape[T]
    low: int = 0
    high: int

    def parse(self, value: object, path: str) -> list[T]:
        if not isinstance(value, list):
            raise InvalidValue(path, "must be a list")
        if not self.low <= len(value) <= self.high:
            raise InvalidValue(path, f"must have {self.low} to {self.high} items")
        parse = self.item.parse
        try:
            return [parse(item, "") for item in value]
        except InvalidValue:  # paths are spelled out only once something is wrong
            for n, item in enumerate(value):
                parse(item, f"{path}[{n}]")
            raise

    def schema(self) -> Schema:
        schema = {"type": "array", "items": self.item.schema(), "maxItems": self.high}
        return schema | {"minItems": self.low} if self.low else schema


@attrs.frozen
class Field:
    """A field of a record: its name on the wire, its name in the domain, and its shape.

    One that is not required may be missing or null, and then keeps the domain's default.
    """

    wire: str
    name: str
    shape: Shape[object]
    required: bool = True


@attrs.frozen(kw_only=True)
class Record(Generic[T]):
    """A JSON object. `closed` refuses fields it does not know, where a typo would lose data."""

    build: Callable[..., T]
    fields: tuple[Field, ...]
    closed: bool = False
    _known: frozenset[str] = attrs.field(init=False, repr=False, eq=False)

    @_known.default
    def _names_on_the_wire(self) -> frozenset[str]:
        return frozenset(field.wire for field in self.fields)

    def parse(self, value: object, path: str) -> T:
        if not isinstance(value, dict):
            raise InvalidValue(path or "body", "must be a JSON object")
        if self.closed and not value.keys() <= self._known:
            raise self._unknown(value, path)
        found: dict[str, object] = {}
        for field in self.fields:
            content = value.get(field.wire)
            if content is not None:
                try:
                    found[field.name] = field.shape.parse(content, "")
                except InvalidValue:  # paths are spelled out only once something is wrong
                    field.shape.parse(content, _join(path, field.wire))
                    raise
            elif field.required:
                raise InvalidValue(_join(path, field.wire), "is required")
        return self.build(**found)

    def _unknown(self, value: Mapping[str, object], path: str) -> InvalidValue:
        name = next(name for name in value if name not in self._known)
        known = ", ".join(sorted(self._known))
        return InvalidValue(_join(path, str(name)[:50]), f"is not known here; known: {known}")

    def schema(self) -> Schema:
        schema: Schema = {
            "type": "object",
            "properties": {
                f.wire: f.shape.schema() if f.required else _or_null(f.shape.schema()) for f in self.fields
            },
            "required": [field.wire for field in self.fields if field.required],
        }
        return schema | {"additionalProperties": False} if self.closed else schema


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _or_null(schema: Schema) -> Schema:
    if isinstance(schema.get("type"), str):
        return schema | {"type": [schema["type"], "null"]}
    return {"anyOf": [*schema.get("anyOf", [schema]), {"type": "null"}]}
