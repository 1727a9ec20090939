"""`/openapi.json`, as the validator of OpenAPI has it."""

import pytest
from openapi_spec_validator import validate

from adapters.http.contract.document import document
from adapters.http.contract.operation import ApiName
from adapters.http.limits import HttpLimits


@pytest.mark.parametrize("of", ["whole", "event store"])
def test_it_is_openapi(of: ApiName) -> None:
    validate(document(HttpLimits(), of=of))
