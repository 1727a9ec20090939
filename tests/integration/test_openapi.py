"""`/openapi.json`, as the validator of OpenAPI has it."""

from openapi_spec_validator import validate

from tests.unit.http.conformance import contract


def test_it_is_openapi() -> None:
    validate(contract())
