"""The contract and the application say the same."""

from functools import partial

import pytest
from flask.testing import FlaskClient

from adapters.http.contract.catalogue import OPERATIONS
from adapters.http.contract.operation import Example, Operation
from adapters.http.contract.recorded import DIRECTORY, recorded
from adapters.http.problem_kinds import KINDS, Kind
from tests.each_row import each_row
from tests.unit.http.conformance import openapi_path, problem_validator
from tests.unit.http.example_shop import ask, example_client
from tests.unit.http.examples import body_of
from tests.unit.http.rig import Rig

EXAMPLES = [(operation, example) for operation in OPERATIONS for example in operation.examples]
LOOKING = [row for row in EXAMPLES if row[0].method == "GET"]
ACTING = [row for row in EXAMPLES if row[0].method != "GET"]


def named(of: Operation | Example) -> str:
    return of.id if isinstance(of, Operation) else of.name


def test_every_route_is_in_the_contract_and_nothing_else_is(rig: Rig) -> None:
    routes = {
        (method, openapi_path(rule.rule), rule.endpoint)
        for rule in rig.client.application.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
    }

    assert {(operation.method, operation.path, operation.endpoint) for operation in OPERATIONS} == routes


def test_operations_are_named_once() -> None:
    names = [operation.id for operation in OPERATIONS]

    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(("operation", "example"), ACTING, ids=named)
def test_an_example_that_acts_is_answered_as_promised(operation: Operation, example: Example) -> None:
    assert_answered_as_promised(example_client(), operation, example)


def test_an_example_that_looks_is_answered_as_promised_whatever_was_looked_at_before() -> None:
    looks = partial(assert_answered_as_promised, example_client())

    each_row(("operation", "example"), LOOKING, ids=named)(looks)()


def assert_answered_as_promised(client: FlaskClient, operation: Operation, example: Example) -> None:
    response = ask(client, operation, example)

    promised = operation.answers[0]
    assert response.status_code == promised.status, response.text
    if promised.recorded:
        shown = recorded(operation.id, promised.status).get(example.name)
        assert body_of(response) == shown, "make them again: python -m tests.unit.http.examples"


def test_no_answer_is_shown_of_what_is_no_operation() -> None:
    shown = {path.stem for path in DIRECTORY.glob("*.json")}

    assert shown == {operation.id for operation in OPERATIONS if operation.answers[0].recorded}


@each_row("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_the_example_of_a_problem_has_its_form(kind: Kind) -> None:
    problem_validator().validate(kind.as_answered)
