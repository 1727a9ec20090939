"""Keys as they are written: one JSON object a line in a file, `id:scopes:sha256` in the environment."""

import json
import re
from collections import Counter
from datetime import UTC, datetime
from typing import Final

import attrs

from adapters.api_keys.api_key import ID_RULE, SCOPES, SHA256_PATTERN, ApiKey, Scope, in_order, is_key_id
from adapters.codec import strict_json
from adapters.codec.shapes import Field, ListOf, Record, Schema, Text
from domain.errors import InvalidValue

NOTE_CHARS_MAX: Final = 200
KEYS_MAX: Final = 1_000
SCOPE_RULE: Final = f"must be one of {', '.join(SCOPES)}"
_MOMENT_RULE: Final = "must be date and time with an offset: 2026-03-01T14:30:00+00:00"

_is_sha256 = re.compile(SHA256_PATTERN).fullmatch


class MalformedKeys(Exception):
    """This cannot be read as keys. Its message is one line, and quotes no value of what was given."""


@attrs.frozen
class _Id:
    def parse(self, value: object, path: str) -> str:
        if not isinstance(value, str) or not is_key_id(value):
            raise InvalidValue(path, ID_RULE)
        return value

    def schema(self) -> Schema:
        return {"type": "string"}


@attrs.frozen
class _Sha256:
    def parse(self, value: object, path: str) -> str:
        if not isinstance(value, str) or not _is_sha256(value):
            raise InvalidValue(path, "must be 64 hexadecimal digits, in lower case")
        return value

    def schema(self) -> Schema:
        return {"type": "string"}


@attrs.frozen
class ScopeName:
    """One of the scopes."""

    def parse(self, value: object, path: str) -> Scope:
        for scope in SCOPES:
            if scope == value:
                return scope
        raise InvalidValue(path, SCOPE_RULE)

    def schema(self) -> Schema:
        return {"enum": list(SCOPES)}


@attrs.frozen
class _Moment:
    def parse(self, value: object, path: str) -> float:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            raise InvalidValue(path, _MOMENT_RULE) from None
        if moment.tzinfo is None:
            raise InvalidValue(path, _MOMENT_RULE)
        return moment.timestamp()

    def schema(self) -> Schema:
        return {"type": "string", "format": "date-time"}


_KEY: Final = Record(
    build=lambda scopes, **others: ApiKey(scopes=frozenset(scopes), **others),
    fields=(
        Field("id", "id", _Id()),
        Field("sha256", "sha256", _Sha256()),
        Field("scopes", "scopes", ListOf(item=ScopeName(), low=1, high=len(SCOPES))),
        Field("created_at", "created_at_s", _Moment(), required=False),
        Field("note", "note", Text(chars_max=NOTE_CHARS_MAX), required=False),
        Field("expires_at", "expires_at_s", _Moment(), required=False),
        Field("revoked_at", "revoked_at_s", _Moment(), required=False),
    ),
    closed=True,
)


def read_lines(text: bytes) -> list[ApiKey]:
    """The keys in a file; empty lines and those that begin with # are for people.

    Raises:
        MalformedKeys: a line cannot be read, an id is there twice, or there are more than `KEYS_MAX`.
    """
    lines = [(n, line.strip()) for n, line in enumerate(text.splitlines(), 1)]
    return _distinct([_read_line(n, line) for n, line in lines if line and not line.startswith(b"#")])


def line_of(key: ApiKey) -> bytes:
    """`key` as a line of a file."""
    return json.dumps(to_wire(key)).encode() + b"\n"


def to_wire(key: ApiKey) -> dict[str, object]:
    """`key` with what is known of it; times as text, in UTC."""
    moments = {"created_at": key.created_at_s, "expires_at": key.expires_at_s, "revoked_at": key.revoked_at_s}
    wire: dict[str, object] = {"id": key.id, "sha256": key.sha256, "scopes": in_order(key.scopes)}
    wire |= {name: _moment(at_s) for name, at_s in moments.items() if at_s is not None}
    return wire | ({"note": key.note} if key.note else {})


def read_text(text: str) -> list[ApiKey]:
    """The keys in an environment variable: `id:scope,scope:sha256`, several with `;` between them.

    Raises:
        MalformedKeys: as `read_lines`.
    """
    return _distinct([_read_entry(n, entry.strip()) for n, entry in enumerate(text.split(";"), 1) if entry])


def text_of(key: ApiKey) -> str:
    """`key` as it goes into an environment variable."""
    return f"{key.id}:{','.join(in_order(key.scopes))}:{key.sha256}"


def _read_line(n: int, line: bytes) -> ApiKey:
    try:
        return _KEY.parse(strict_json.read(line, "it"), "")
    except strict_json.BrokenJson:
        raise MalformedKeys(f"line {n} is not JSON") from None  # the cause may quote what it should not
    except InvalidValue as error:
        raise MalformedKeys(f"line {n}: {error}") from None


def _read_entry(n: int, entry: str) -> ApiKey:
    id_, _, rest = entry.partition(":")
    scopes, _, sha256 = rest.rpartition(":")
    try:
        return _KEY.parse({"id": id_, "scopes": scopes.split(","), "sha256": sha256}, "")
    except InvalidValue as error:
        raise MalformedKeys(f"key {n}: {error}") from None


def _distinct(keys: list[ApiKey]) -> list[ApiKey]:
    if len(keys) > KEYS_MAX:
        raise MalformedKeys(f"there are more than {KEYS_MAX} keys")
    [(id_, times)] = Counter(key.id for key in keys).most_common(1) or [("", 0)]
    if times > 1:
        raise MalformedKeys(f"there are two keys {id_}")
    return keys


def _moment(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="seconds")
