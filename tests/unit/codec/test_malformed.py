"""Entries that are no events: each is refused with the field and the limit, and can still be looked at."""

import pytest

from adapters.codec.envelope import EnvelopeCodec
from application.ports.errors import MalformedEvent
from tests.each_row import each_row
from tests.unit.codec.entries import POSITION, as_fields, read
from tests.unit.codec.malformed import MALFORMED, NOT_JSON, start


@each_row(("payload", "reason"), MALFORMED.values())
def test_a_payload_out_of_shape_is_refused_with_its_field_and_limit(
    payload: str | bytes, reason: str
) -> None:
    entry = as_fields({"type": "CheckoutInitiated", "payload": payload})

    with pytest.raises(MalformedEvent) as refused:
        read(entry, version=0)

    said = str(refused.value)
    assert said == reason or (reason == NOT_JSON and said.startswith(NOT_JSON))
    EnvelopeCodec().look(POSITION, entry)


@each_row(
    ("fields", "reason"),
    [
        ({"payload": start()}, "type is missing"),
        ({"type": "", "payload": start()}, "type is missing"),
        ({"type": "CheckoutExploded", "payload": start()}, "type 'CheckoutExploded' is not known"),
        ({"type": "x" * 500, "payload": start()}, f"type '{'x' * 80}' is not known"),
        ({"type": b"\xff", "payload": start()}, "type is not UTF-8"),
        ({"type": "CheckoutInitiated"}, "payload is missing"),
        ({"type": "CheckoutInitiated", "payload": start(), "schema": "3"}, "schema must be at most 2, is 3"),
        ({"type": "CheckoutInitiated", "payload": start(), "schema": "x"}, "schema must be at most 2, is x"),
        ({"type": "CheckoutInitiated", "payload": start(), "event_id": b"\xff"}, "event_id is not UTF-8"),
    ],
)
def test_an_envelope_out_of_shape_is_refused_with_its_field(
    fields: dict[str, str | bytes], reason: str
) -> None:
    entry = as_fields(fields)

    with pytest.raises(MalformedEvent) as refused:
        read(entry, version=0)

    assert str(refused.value) == reason
    EnvelopeCodec().look(POSITION, entry)


def test_what_makes_no_sense_is_shown_with_what_is_wrong_with_it() -> None:
    stored = EnvelopeCodec().look(POSITION, as_fields({"type": b"\xff", "payload": b"\xff\xfe"}))
    assert (stored.type, stored.payload) == ("\ufffd", "\ufffd\ufffd")
    assert stored.malformed is not None
    assert stored.malformed.startswith("payload is not JSON")


def test_a_payload_far_too_long_is_shown_by_its_beginning() -> None:
    stored = EnvelopeCodec().look(POSITION, as_fields({"type": "x", "payload": "y" * 1_048_576}))
    assert stored.payload == "y" * 2_000


@each_row("version", ["x", "-1", "1.5", "", "9" * 5_000])
def test_a_version_that_is_no_number_is_refused_with_its_field(version: str) -> None:
    ours = {"event_id": "e-1", "version": version}
    entry = as_fields({"type": "CheckoutInitiated", "payload": start(), **ours})
    EnvelopeCodec().look(POSITION, entry)
    with pytest.raises(MalformedEvent, match="version must be"):
        read(entry)


def test_a_schema_of_thousands_of_digits_is_refused() -> None:
    entry = as_fields({"type": "CheckoutInitiated", "payload": start(), "schema": "9" * 5_000})
    with pytest.raises(MalformedEvent, match="schema must be"):
        read(entry, version=0)


def test_the_limit_of_a_payload_is_a_setting() -> None:
    entry = as_fields({"type": "CheckoutInitiated", "payload": start()})
    with pytest.raises(MalformedEvent, match="payload must be at most 10 bytes"):
        EnvelopeCodec(payload_max_bytes=10).decode("s", POSITION, entry, 1)
