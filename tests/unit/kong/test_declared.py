"""deploy/kong/kong.yml is what Kong 3.9 takes, holds no secret, and leaves nothing open."""

import re
from typing import Final

import pytest
from jsonschema_rs import ValidationError

from adapters.http.app import HttpLimits
from entrypoints.settings import Settings, setting_rows
from tests.each_row import each_row
from tests.kong.declared import FOLDER, KONG_YML, Declared

KONG_MD: Final = FOLDER.parents[1] / "docs" / "kong.md"
PREFIXES: Final = {"checkout-api": "/api/ecommerce", "event-store": "/event-store"}
METRIC_SWITCHES: Final = ("status_code", "latency", "bandwidth", "upstream_health")
WAITS: Final = ("PREFER_WAIT_MAX_S", "SSE_HEARTBEAT_S")


def changed(old: str, new: str) -> str:
    """The file with something else in it."""
    text = KONG_YML.read_text()
    assert old in text
    return text.replace(old, new, 1)


def test_it_is_what_the_schema_says() -> None:
    assert Declared.read().document["_format_version"] == "3.0"


@each_row(
    ("old", "new"),
    [
        ("strip_path: true", "strip_paths: true"),
        ("strip_path: true", "strip_path: maybe"),
        ("paths: [/api/ecommerce]", "paths: /api/ecommerce"),
        ("retries: 1", "retries: one"),
        ("services:", "service:"),
        ("  - name: key-auth\n", "  - plugin: key-auth\n"),
    ],
)
def test_a_bad_file_is_refused(old: str, new: str) -> None:
    with pytest.raises(ValidationError):
        Declared.parse(changed(old, new))


def test_both_prefixes_are_cut_off() -> None:
    declared = Declared.read()

    assert declared.services().keys() == PREFIXES.keys()
    for route in declared.routes():
        if route.service:
            assert (route.path, route.strip) == (PREFIXES[route.service], True)


def test_the_existing_gateways_prefixes_collide_with_nothing() -> None:
    paths = [route.path.lstrip("~") for route in Declared.read().routes()]

    assert not [path for path in paths if path.startswith(("/api/inventaire", "/api/commandes"))]


def test_a_key_is_needed_everywhere_and_goes_no_further() -> None:
    declared = Declared.read()

    for route in declared.routes():
        key_auth = declared.plugins(route, None)["key-auth"]
        assert key_auth["key_names"] == ["x-api-key"]
        assert (key_auth["key_in_query"], key_auth["key_in_body"]) == (False, False)
        assert key_auth["hide_credentials"] is True
        assert "anonymous" not in key_auth


def test_every_route_to_the_service_is_limited_for_each_consumer() -> None:
    declared = Declared.read()

    for route in declared.routes():
        limit = declared.plugins(route, None).get("rate-limiting")
        assert (limit is not None) == (route.service is not None)
        assert limit is None or limit["limit_by"] == "consumer"
        assert limit is None or limit["minute"] > 0


def test_a_request_is_followed_from_the_gateway_on() -> None:
    assert Declared.read().everywhere()["correlation-id"] == {
        "header_name": "X-Correlation-ID",
        "generator": "uuid",
        "echo_downstream": True,
    }


def test_a_body_is_refused_where_the_service_would_refuse_it() -> None:
    size = Declared.read().everywhere()["request-size-limiting"]

    assert size["size_unit"] == "bytes"
    assert size["allowed_payload_size"] == Settings().body_max_bytes == HttpLimits().body_max_bytes


def test_every_metric_is_switched_on() -> None:
    prometheus = Declared.read().everywhere()["prometheus"]

    assert prometheus == {**{f"{name}_metrics": True for name in METRIC_SWITCHES}, "per_consumer": True}


def test_nothing_is_cached() -> None:
    assert not [name for name, _ in Declared.read().every_plugin() if "cache" in name]


def test_what_is_not_for_outside_is_tried_first() -> None:
    first, second, *others = Declared.read().routes()

    assert {first.name, second.name} == {"not-for-outside"}
    assert all(route.conditions == first.conditions for route in others)


def test_kong_waits_longer_than_the_service_may() -> None:
    most = {row.name: float(row.range.rpartition(" ")[2]) for row in setting_rows() if row.name in WAITS}
    longest_ms = 1000 * max(most[name] for name in WAITS)

    assert all(service["read_timeout"] > longest_ms for service in Declared.read().services().values())


def test_it_holds_no_consumer_and_no_key() -> None:
    text = KONG_YML.read_text()

    assert Declared.read().consumers() == {}
    assert not re.search(r"keyauth_credentials|vault://|cpt_|password|secret:", text)


def test_kong_itself_is_closed_where_a_file_says_so() -> None:
    lines = (FOLDER / "kong.conf").read_text().splitlines()
    said = dict(line.split(" = ", 1) for line in lines if line and not line.startswith("#"))

    assert said["database"] == "off"
    assert said["admin_listen"] == "off"
    assert said["nginx_proxy_underscores_in_headers"] == "off"
    assert "trusted_ips" not in said


def test_what_the_document_shows_is_what_the_schema_says() -> None:
    shown = re.findall("^```yaml\n(.*?)^```$", KONG_MD.read_text(), re.DOTALL | re.MULTILINE)

    assert shown
    for block in shown:
        Declared.parse(block)
