"""A stream entry: the fields around a payload, written and read.

    type  payload  emitted_at  checkout_id  event_id  version  causation_id  schema
    [traceparent]  [correlation_id]

An id that begins with its checkout's id is written without that: `.2o` stands for `<checkout_id>.2o`. Only
`type` and `payload` are needed to read one. An entry without `event_id` was written by another
program: its position serves as its id. What its writer did not know of a chain's origin is left out.
"""

from collections.abc import Mapping
from typing import Final

import attrs
import orjson

from adapters.codec.events import PAYLOADS, payload_of
from adapters.codec.upcasters import CURRENT, FOREIGN, upcast
from application.events.origin import NO_ORIGIN, Origin
from application.events.recorded_event import RecordedEvent
from application.events.streams import Event, checkout_of, entity_of
from application.ports.errors import MalformedEvent
from application.ports.event_store import NewEvent, StoredEntry
from application.ports.positions import recorded_at_s
from domain.errors import InvalidValue

Fields = Mapping[bytes, bytes]
PAYLOAD_MAX_BYTES: Final = 256 * 1024
LISTED_TEXT_CHARS_MAX: Final = 2_000
VERSION_MAX: Final = 2**53
DIGITS_MAX: Final = 16
_OF: Final = "."
SCHEMA: Final = str(CURRENT).encode()
_LISTED_BYTES_MAX: Final = 4 * LISTED_TEXT_CHARS_MAX
_NUMBERS: Final = (bytes, int, float)


def encode(new: NewEvent, *, version: int, emitted_at_s: float) -> dict[bytes, bytes]:
    """The entry of `new` as the `version`-th event of its entity."""
    stamp = Stamp.at(emitted_at_s)
    type_, payload, checkout_id, event_id, causation_id, origin = stamp.encode(new)
    fields = {
        b"type": type_,
        b"payload": payload,
        b"emitted_at": stamp.text,
        b"checkout_id": checkout_id,
        b"event_id": event_id,
        b"version": b"%d" % version,
        b"causation_id": causation_id,
        b"schema": SCHEMA,
    }
    if origin:
        told = zip((b"traceparent", b"correlation_id"), origin.split(b" "), strict=True)
        fields |= {name: value for name, value in told if value}
    return fields


@attrs.frozen
class Stamp:
    """The time of events that are written together, epoch seconds: to the millisecond for their payloads, and
    in whole seconds for the fields, where a server keeps such a number in 6 bytes instead of 16."""

    emitted_at_s: float
    text: bytes

    @classmethod
    def at(cls, emitted_at_s: float) -> "Stamp":
        """The stamp of a moment, epoch seconds."""
        rounded = round(emitted_at_s, 3)
        return cls(rounded, b"%d" % rounded)

    def encode(self, new: NewEvent) -> tuple[bytes, bytes, bytes, bytes, bytes, bytes]:
        """What `new` brings to its entry: type, payload, checkout_id, event_id, causation_id, origin.

        The origin in one value, empty for none: an entry nearly always goes without.
        """
        event = new.event
        payload = payload_of(event)
        payload["emitted_at"] = self.emitted_at_s
        checkout_id = checkout_of(event) or ""
        return (
            type(event).__name__.encode(),
            orjson.dumps(payload),
            checkout_id.encode(),
            within(entity_of(event), new.event_id).encode(),
            within(checkout_id, new.causation_id or "").encode(),
            b"" if new.origin is NO_ORIGIN else _one_value(new.origin),
        )


@attrs.frozen
class EnvelopeCodec:
    """Reads entries. `payload_max_bytes`: a larger payload is no event, whatever is in it."""

    payload_max_bytes: int = PAYLOAD_MAX_BYTES

    def decode(self, stream: str, position: str, fields: Fields, version: int | None = None) -> RecordedEvent:
        """The event in an entry; `version` where the entry does not say it.

        Raises:
            MalformedEvent: there is none; the message names the field and its limit.
        """
        payload = self._payload(fields)
        event = _event(_text(fields, b"type"), payload, _schema(fields))
        recorded_s = recorded_at_s(position)
        entity = entity_of(event)
        return RecordedEvent(
            event=event,
            stream=stream,
            entity=entity,
            version=_number(fields, b"version", VERSION_MAX) if version is None else version,
            position=position,
            event_id=whole(entity, _text(fields, b"event_id")) or position,
            emitted_at_s=_emitted_at(fields, payload) or recorded_s,
            recorded_at_s=recorded_s,
            causation_id=whole(checkout_of(event) or "", _text(fields, b"causation_id")) or None,
            origin=_origin(fields),
        )

    def look(self, position: str, fields: Fields, version: int | None = None) -> StoredEntry:
        """The entry as it lies there; never raises, whatever it is."""
        try:
            payload: object = self._payload(fields)
            malformed = None
        except MalformedEvent as error:
            raw = fields.get(b"payload", b"")
            payload, malformed = _printable(raw), str(error)
        found = payload if isinstance(payload, dict) else {}
        own_version = fields.get(b"version", b"")
        checkout_id = _shown(fields, b"checkout_id") or _id_in(found)
        return StoredEntry(
            position=position,
            recorded_at_s=recorded_at_s(position),
            type=_printable(fields[b"type"]) if b"type" in fields else None,
            payload=payload,
            emitted_at_s=_emitted_at(fields, found),
            checkout_id=checkout_id,
            event_id=whole(checkout_id or "", _shown(fields, b"event_id") or "") or None,
            version=int(own_version) if own_version.isdigit() and len(own_version) <= DIGITS_MAX else version,
            causation_id=whole(checkout_id or "", _shown(fields, b"causation_id") or "") or None,
            traceparent=_shown(fields, b"traceparent"),
            correlation_id=_shown(fields, b"correlation_id"),
            malformed=malformed,
        )

    def _payload(self, fields: Fields) -> dict[str, object]:
        raw = fields.get(b"payload")
        if raw is None:
            raise MalformedEvent("payload is missing")
        if len(raw) > self.payload_max_bytes:
            raise MalformedEvent(f"payload must be at most {self.payload_max_bytes} bytes, is {len(raw)}")
        try:
            payload = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise MalformedEvent(f"payload is not JSON: {error}") from error
        if not isinstance(payload, dict):
            raise MalformedEvent("payload must be a JSON object")
        return payload


def within(entity: str, id_: str) -> str:
    """`id_` as an entry about `entity` has it, and as the entity's index does."""
    return id_[len(entity) :] if entity and id_.startswith(entity + _OF) else id_


def whole(entity: str, id_: str) -> str:
    """`id_` as everybody else has it."""
    return entity + id_ if id_.startswith(_OF) else id_


def is_foreign(fields: Fields) -> bool:
    """Whether another program wrote this entry, so that its entity does not know of it yet."""
    return b"event_id" not in fields or b"version" not in fields


def _one_value(origin: Origin) -> bytes:
    """`traceparent correlation_id`, either of which may be empty; neither can hold a space."""
    return f"{origin.traceparent or ''} {origin.correlation_id or ''}".encode()


def _origin(fields: Fields) -> Origin:
    """What is no trace, or no correlation id, is ignored: it is about the event and no part of it."""
    trace, correlation = fields.get(b"traceparent"), fields.get(b"correlation_id")
    if not trace and not correlation:
        return NO_ORIGIN
    return Origin.of((trace or b"").decode(errors="replace"), (correlation or b"").decode(errors="replace"))


def _event(type_name: str, payload: dict[str, object], schema: int) -> Event:
    shape = PAYLOADS.get(type_name)
    if shape is None:
        raise MalformedEvent(f"type {type_name[:80]!r} is not known" if type_name else "type is missing")
    try:
        return shape.parse(upcast(payload, schema), "payload")
    except InvalidValue as error:
        raise MalformedEvent(str(error)) from error


def _schema(fields: Fields) -> int:
    raw = fields.get(b"schema")
    if raw == SCHEMA:
        return CURRENT
    return FOREIGN if raw is None else _number(fields, b"schema", CURRENT)


def _number(fields: Fields, name: bytes, high: int) -> int:
    raw = fields.get(name, b"")
    if raw.isdigit() and len(raw) <= DIGITS_MAX and (number := int(raw)) <= high:
        return number
    raise MalformedEvent(f"{name.decode()} must be at most {high}, is {_printable(raw[:40])}")


def _text(fields: Fields, name: bytes) -> str:
    try:
        return fields.get(name, b"").decode()
    except UnicodeDecodeError as error:
        raise MalformedEvent(f"{name.decode()} is not UTF-8") from error


def _emitted_at(fields: Fields, payload: Mapping[str, object]) -> float | None:
    """Epoch seconds, from wherever its writer put them; in the payload they are most exact."""
    for given in (payload.get("emitted_at"), fields.get(b"emitted_at"), fields.get(b"ts")):
        if isinstance(given, _NUMBERS) and not isinstance(given, bool):
            try:
                at = float(given)
            except ValueError:
                continue
            if 0 < at < 1e11:
                return at
    return None


def _printable(raw: bytes) -> str:
    return raw[:_LISTED_BYTES_MAX].decode(errors="replace")[:LISTED_TEXT_CHARS_MAX]


def _shown(fields: Fields, name: bytes) -> str | None:
    raw = fields.get(name)
    return _printable(raw) if raw else None


def _id_in(payload: Mapping[str, object]) -> str | None:
    found = payload.get("checkout_id")
    return found if isinstance(found, str) else None
