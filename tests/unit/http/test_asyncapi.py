"""What `/asyncapi.json` says of the streams is what lies on them."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final, get_args

from jsonschema_rs import Draft7Validator, Draft202012Validator

from adapters.http.contract.asyncapi import asyncapi
from adapters.http.contract.recorded import recorded_events
from application.events.streams import STREAMS, Event
from domain.checkout.saga import SAGA, Step
from tests.each_row import each_row
from tests.unit.codec.examples import FULL
from tests.unit.http.examples import events
from tests.unit.http.rig import Rig

SPECIFICATION: Final = Path(__file__).parents[2] / "asyncapi" / "asyncapi-3.0.0.json"
every_event = each_row("name", [event.__name__ for event in get_args(Event)])


@cache
def served() -> dict[str, Any]:
    found: dict[str, Any] = Rig.build().get("/asyncapi.json")
    return found


def resolved(reference: dict[str, str]) -> Any:
    """What `reference` points at, through further references."""
    found: Any = served()
    for part in reference["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return resolved(found) if "$ref" in found else found


def test_it_is_asyncapi() -> None:
    schema = json.loads(SPECIFICATION.read_text("utf-8"))

    errors = [
        f"{error.instance_path}: {error.message}" for error in Draft7Validator(schema).iter_errors(served())
    ]

    assert errors == []


def test_what_is_served_is_what_is_made() -> None:
    assert served() == json.loads(json.dumps(asyncapi()))


def test_every_stream_is_a_channel_and_every_event_is_on_one() -> None:
    channels = served()["channels"].values()

    assert [channel["address"] for channel in channels] == list(STREAMS)
    on_channels = [name for channel in channels for name in channel["messages"]]
    assert sorted(on_channels) == sorted(event.__name__ for event in get_args(Event))


@each_row("step", SAGA, ids=lambda step: step.worker)
def test_a_worker_receives_and_sends_what_the_saga_says(step: Step) -> None:
    operations = served()["operations"]
    received = operations[step.worker]

    assert (received["action"], received["x-consumer-group"]) == ("receive", step.group)
    assert [resolved(m)["name"] for m in received["messages"]] == [fact.__name__ for fact in step.on]
    sent = operations.get(f"{step.worker}-answers", {"messages": []})
    assert [resolved(m)["name"] for m in sent["messages"]] == [fact.__name__ for fact in step.answers]


@every_event
def test_an_example_of_a_message_has_its_form(name: str) -> None:
    message = served()["components"]["messages"][name]
    (example,) = message["examples"]

    for part in ("headers", "payload"):
        Draft202012Validator(resolved(message[part])).validate(example[part])
    assert example["headers"]["type"] == name


@every_event
def test_the_fields_of_an_entry_are_all_described(name: str) -> None:
    described = served()["components"]["schemas"]["EntryFields"]["properties"]

    assert recorded_events()[name]["headers"].keys() == described.keys()


def test_the_examples_are_entries_as_we_write_them() -> None:
    assert recorded_events().keys() == FULL.keys()
    assert recorded_events() == events(), "make them again: python -m tests.unit.http.examples"
