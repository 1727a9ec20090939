"""Garbage as path, as query and as body, at every route."""

import pytest

from tests.unit.http.rig import JSON, PROBLEM, Rig
from tests.unit.http.test_every_route import filled, rules

HEALTH = ("/livez", "/readyz", "/metrics")
GARBAGE = ("%00", "%FF%FE", "é", "a b", "<script>", "'; --", "x" * 5_000, "🛒")
GARBAGE_BODIES = (b"", b"\x00\xff", b"[]", b'{"panier":{"produits":[{}]}}', b"{" * 9_000)


@pytest.fixture
def rig() -> Rig:
    return Rig.build()


@pytest.mark.parametrize("value", GARBAGE)
def test_garbage_anywhere_is_a_problem_of_the_callers(rig: Rig, value: str) -> None:
    for path, methods in rules(rig):
        if path in HEALTH:
            continue
        for method in methods:
            for sent in GARBAGE_BODIES:
                response = rig.client.open(
                    filled(path, value), method=method, headers=JSON, data=sent, query_string={value: value}
                )
                assert 400 <= response.status_code < 500, (method, path, response.text)
                assert response.content_type == PROBLEM
                assert response.headers["X-Content-Type-Options"] == "nosniff"
