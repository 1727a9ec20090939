"""Requests that nobody thought of, made from `/openapi.json` by schemathesis: valid ones and broken ones.

The application is the real one, on the in-memory adapters, with the checkouts of the example shop in it.
The same requests are made in every run.
"""

from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from adapters.http.limits import HttpLimits
from tests.unit.http.example_shop import example_client

pytest_plugins = ["schemathesis.pytest.plugin"]
"""Here alone (setup.cfg turns it off): to import it takes longer than to run hundreds of tests."""

EXAMPLES_MAX: Final = 15
"""Requests made up for each operation, beside those that cover its limits one by one."""

NOBODY_WAITS: Final = HttpLimits(prefer_wait_max_s=0, read_wait_max_ms=1)

# Not among them: ignored_auth, as no keys are in force here (test_doorkeeper.py has them), and
# positive_data_acceptance, as no schema can say that a total is the sum of its lines.
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
    missing_required_header,
    unsupported_method,
    allow_header_conformance,
]


SCHEMA: Final = schemathesis.openapi.from_wsgi("/openapi.json", example_client(NOBODY_WAITS).application)


@pytest.fixture(autouse=True)
def shop() -> None:
    """The example shop behind the application, also where other tests had theirs there meanwhile."""
    example_client(NOBODY_WAITS)


@pytest.mark.slow
@SCHEMA.parametrize()
@settings(
    max_examples=EXAMPLES_MAX,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_contract_promises(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate(checks=CHECKS)
