"""Every entry ever written stays readable: one golden file per schema and type, kept for ever.

A new schema gets a folder of its own; nothing in an old folder is ever changed.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from adapters.codec.envelope import is_foreign
from adapters.codec.upcasters import CURRENT, FOREIGN, UPCASTERS, upcast
from application.events.origin import Origin
from application.events.streams import Event
from tests.each_row import each_row
from tests.unit.codec.entries import AT_S, POSITION, as_fields, as_text, entry_of, read
from tests.unit.codec.examples import FULL
from tests.unit.codec.foreign_events import FOREIGN as FOREIGN_EVENTS

GOLDEN: Final = Path(__file__).parent / "golden"
EVENTS: Final[Mapping[str, Mapping[str, Event]]] = {"0": FOREIGN_EVENTS, "1": FULL, "2": FULL}
"""Schema -> golden file -> the fact in it."""
FILES: Final = sorted(path.relative_to(GOLDEN) for path in GOLDEN.glob("*/*.json"))


def entry_in(path: Path) -> dict[str, str]:
    text: dict[str, str] = json.loads((GOLDEN / path).read_text(encoding="utf-8"))
    return text


def test_every_golden_file_is_read_here_and_no_schema_is_without() -> None:
    listed = {(schema, name) for schema, events in EVENTS.items() for name in events}
    assert {(path.parent.name, path.stem) for path in FILES} == listed
    assert set(EVENTS) == {str(schema) for schema in range(CURRENT + 1)}


@each_row("path", FILES, ids=str)
def test_a_golden_entry_is_read_as_the_fact_it_was(path: Path) -> None:
    recorded = read(as_fields(entry_in(path)), version=3)
    assert recorded.event == EVENTS[path.parent.name][path.stem]
    assert recorded.version == 3


@each_row("name", FOREIGN_EVENTS)
def test_a_foreign_entry_has_its_position_for_an_id_and_the_time_it_says(name: str) -> None:
    fields = as_fields(entry_in(Path("0", f"{name}.json")))
    recorded = read(fields, version=1)
    assert is_foreign(fields)
    assert (recorded.event_id, recorded.causation_id) == (POSITION, None)
    assert (recorded.emitted_at_s, recorded.recorded_at_s) == (1690000000.1, 1700000000.0)


@each_row("name", FULL)
def test_we_write_what_the_golden_files_of_the_current_schema_say(name: str) -> None:
    """Where this fails, the wire has changed: raise the schema, add a folder and an upcaster."""
    golden = entry_in(Path(str(CURRENT), f"{name}.json"))
    written = as_text(entry_of(FULL[name], version=3, origin=Origin.of(golden.get("traceparent"), None)))
    assert written == golden
    assert written["emitted_at"] == str(int(AT_S))
    assert json.loads(written["payload"])["emitted_at"] == AT_S


def test_there_is_an_upcaster_from_every_schema_to_the_next() -> None:
    assert sorted(UPCASTERS) == list(range(FOREIGN, CURRENT))


def test_a_payload_of_the_current_schema_is_left_alone() -> None:
    payload = {"panier": {"lignes": [], "client_id": "ada"}}
    assert upcast(payload, CURRENT) == {"panier": {"lignes": [], "client_id": "ada"}}


@each_row(
    ("payload", "upcasted"),
    [
        ({"panier": {"lignes": [1], "produits": [2]}}, {"panier": {"lignes": [1], "produits": [2]}}),
        (
            {"client_id": "eve", "panier": {"client_id": "ada"}},
            {"client_id": "eve", "panier": {"client_id": "ada"}},
        ),
        ({"panier": "none"}, {"panier": "none"}),
        ({}, {}),
    ],
)
def test_what_is_said_already_is_not_guessed(payload: dict[str, object], upcasted: dict[str, object]) -> None:
    assert upcast(payload, FOREIGN) == upcasted
