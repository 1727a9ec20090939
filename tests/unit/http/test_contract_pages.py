"""The contract over HTTP: where it is, how it is kept, and that the page asks for nothing from elsewhere."""

import re
from ipaddress import ip_network

import pytest

from adapters.http.contract.page_files import FILES
from adapters.http.limits import HttpLimits
from tests.unit.http.rig import Rig, assert_problem

DOCUMENTS = ("/openapi.json", "/asyncapi.json")
every_page = pytest.mark.parametrize("path", [*DOCUMENTS, "/docs", *(f"/docs/{name}" for name in FILES)])


@every_page
def test_who_has_a_page_does_not_get_it_again(rig: Rig, path: str) -> None:
    first = rig.client.get(path)

    again = rig.client.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")


def test_the_limits_are_those_that_are_in_force() -> None:
    rig = Rig.build(HttpLimits(page_max=7, page_default=5, body_max_bytes=2_048))

    document = rig.get("/openapi.json")

    listing = document["paths"]["/api/deadlines"]["get"]["parameters"]
    (count,) = [parameter["schema"] for parameter in listing if parameter["name"] == "count"]
    assert (count["maximum"], count["default"]) == (7, 5)
    assert "2,048 bytes" in document["paths"]["/api/checkouts"]["post"]["requestBody"]["description"]


def test_the_page_loads_from_its_own_service_alone(rig: Rig) -> None:
    response = rig.client.get("/docs")

    loaded = re.findall(r'(?:src|href|spec-url)="([^"]+)"', response.text)
    assert {"/docs/rapidoc-min.js", "/openapi.json", "data:,"} == set(loaded)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy


def test_behind_a_gateway_everything_is_found_under_its_prefix() -> None:
    rig = Rig.build(trusted_proxies=(ip_network("10.0.0.0/8"),))
    asked = {
        "headers": {"X-Forwarded-Prefix": "/shop"},
        "environ_base": {"REMOTE_ADDR": "10.0.0.1"},
    }

    page, document = rig.client.get("/docs", **asked), rig.client.get("/openapi.json", **asked).get_json()

    assert 'spec-url="/shop/openapi.json"' in page.text
    assert document["servers"] == [{"url": "/shop"}]
    assert "(/shop/asyncapi.json)" in document["info"]["description"]


def test_another_file_is_not_to_be_had(rig: Rig) -> None:
    for name in ("docs.html", "..%2Froutes.py", "x"):
        assert rig.client.get(f"/docs/{name}").status_code == 404
    assert_problem(rig.client.get("/docs/x"), 404, field="asset")
