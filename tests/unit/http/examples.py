"""Writes down what the contract's examples are answered: `python -m tests.unit.http.examples`."""

import json
import re
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from adapters.http.contract.catalogue import OPERATIONS
from adapters.http.contract.operation import Operation
from adapters.http.contract.recorded import DIRECTORY
from tests.unit.http.example_shop import ask, example_client


def body_of(response: TestResponse) -> Any:
    """As it is written down: a traceback without the places, which change with every line of code."""
    if not response.is_json:
        return response.text
    body = response.get_json()
    if isinstance(body, dict) and "traceback" in body:
        body["traceback"] = re.sub("(?m)^  .*\n", "", body["traceback"])
    return body


def write(directory: Path = DIRECTORY) -> None:
    """Write every answer, and remove those of operations that are no more."""
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
