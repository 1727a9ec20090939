"""The published schemas say what the code does."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator, ValidationError, meta

from adapters.codec import schemas
from application.events.streams import Event
from tests.each_row import each_row
from tests.unit.codec.entries import entry_of
from tests.unit.codec.examples import BARE, FULL

EXAMPLES = [*FULL.values(), *BARE.values()]


def committed() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in schemas.DIRECTORY.glob("*.json")}


@cache
def schema_of(name: str) -> dict[str, Any]:
    schema = json.loads((schemas.DIRECTORY / f"{name}.json").read_text(encoding="utf-8"))
    assert isinstance(schema, dict)
    return schema


@cache
def validator_of(name: str) -> Draft202012Validator:
    return Draft202012Validator(schema_of(name))


def payload_of(event: Event) -> dict[str, Any]:
    payload = json.loads(entry_of(event)[b"payload"])
    assert isinstance(payload, dict)
    return payload


def test_the_committed_schemas_are_the_ones_that_the_code_makes() -> None:
    assert committed() == schemas.documents(), "run: python -m adapters.codec.schemas"


def test_writing_replaces_what_is_old_and_removes_what_is_no_more(tmp_path: Path) -> None:
    (tmp_path / "StockReserved.json").write_text("old")
    (tmp_path / "StockForgotten.json").write_text("{}")
    schemas.write(tmp_path)
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == committed()


@each_row("name", FULL)
def test_every_type_has_a_sound_schema_that_says_what_the_fact_means(name: str) -> None:
    schema = schema_of(name)
    meta.validate(schema)
    assert (schema["title"], schema["$id"]) == (name, f"{name}.json")
    assert schema["description"]
    assert schema["properties"]["emitted_at"]["type"] == "number"


@each_row("event", EXAMPLES, ids=lambda event: type(event).__name__)
def test_what_we_write_is_valid(event: Event) -> None:
    validator_of(type(event).__name__).validate(payload_of(event))


@each_row("event", FULL.values())
def test_every_field_that_we_write_is_described(event: Event) -> None:
    schema = schema_of(type(event).__name__)
    assert payload_of(event).keys() <= schema["properties"].keys()


@each_row(
    ("name", "wrong"),
    [
        ("CheckoutInitiated", {"checkout_id": "c 1"}),
        ("CheckoutInitiated", {"client_id": None}),
        ("CheckoutInitiated", {"panier": {"produits": []}}),
        ("StockReserved", {"panier": {"produits": [{"produit_id": "p-1", "quantite": 0}]}}),
        ("StockReserved", {"panier": {"produits": [{"produit_id": "p-1", "quantite": 100_001}]}}),
        ("OrderCreated", {"commande_id": ""}),
        ("CheckoutFailed", {"ruptures": "p-1"}),
        ("UnitsReceived", {"quantite": 1_000_001}),
        ("UnitsHeld", {"quantite": 1.5}),
    ],
)
def test_what_we_refuse_is_not_valid(name: str, wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        validator_of(name).validate(payload_of(FULL[name]) | wrong)
