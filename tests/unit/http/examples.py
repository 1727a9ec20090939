"""Writes down what the contract's examples are answered: `python -m tests.unit.http.examples`."""

import json
import re
from pathlib import Path
from typing import Any, Final

from werkzeug.test import TestResponse

from adapters.http.contract.catalogue import OPERATIONS
from adapters.http.contract.operation import Operation
from adapters.http.contract.recorded import DIRECTORY, EVENTS
from application.events.origin import Origin
from application.events.streams import Event
from tests.unit.codec.entries import as_text, entry_of
from tests.unit.codec.examples import FULL
from tests.unit.http.example_shop import ask, example_client

TRACE: Final = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def body_of(response: TestResponse) -> Any:
    """As it is written down: a traceback without the places, which change with every line of code."""
    if not response.is_json:
        return response.text
    body = response.get_json()
    if isinstance(body, dict) and "traceback" in body:
        body["traceback"] = re.sub("(?m)^  .*\n", "", body["traceback"])
    return body


def events() -> dict[str, dict[str, Any]]:
    """An entry of every event type, with all that it can have."""
    return {name: _entry(event) for name, event in FULL.items()}


def _entry(event: Event) -> dict[str, Any]:
    origin = Origin(traceparent=TRACE, correlation_id="order-form-118")
    fields = as_text(entry_of(event, version=3, origin=origin))
    return {"payload": json.loads(fields.pop("payload")), "headers": fields}


def write(directory: Path = DIRECTORY) -> None:
    """Write every answer and every event, and remove those that are no more."""
    EVENTS.write_text(json.dumps(events(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for path in directory.glob("*.json"):
        path.unlink()
    for operation in OPERATIONS:
        if operation.answers[0].recorded:
            text = json.dumps(_answers(operation), indent=2, ensure_ascii=False)
            (directory / f"{operation.id}.json").write_text(text + "\n", encoding="utf-8")


def _answers(operation: Operation) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for example in operation.examples:
        response = ask(example_client(), operation, example)
        found.setdefault(str(response.status_code), {})[example.name] = body_of(response)
    return found


if __name__ == "__main__":
    write()
