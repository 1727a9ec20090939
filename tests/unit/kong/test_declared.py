"""deploy/kong/kong.yml is what Kong 3.9 takes, holds no secret, and leaves nothing open."""

import re
import subprocess
from pathlib import Path
from typing import Final

import pytest
import yaml
from jsonschema import ValidationError

from adapters.api_keys.api_key import new_secret
from adapters.http.app import HttpLimits
from entrypoints.settings import Settings, setting_rows
from tests.kong.declared import CONSUMER_SH, FOLDER, KONG_YML, Declared
from tests.terminal import Terminal

KONG_MD: Final = FOLDER.parents[1] / "docs" / "kong.md"
PREFIXES: Final = {"checkout-api": "/api/ecommerce", "event-store": "/event-store"}
METRIC_SWITCHES: Final = ("status_code", "latency", "bandwidth", "upstream_health")
WAITS: Final = ("PREFER_WAIT_MAX_S", "SSE_HEARTBEAT_S")
API_KEY: Final = new_secret("shop")
FIELDS: Final = {
    "acl": {"allow", "deny", "hide_groups_header"},
    "correlation-id": {"header_name", "generator", "echo_downstream"},
    "key-auth": {
        *("key_names", "key_in_header", "key_in_query", "key_in_body"),
        *("hide_credentials", "anonymous", "run_on_preflight", "realm"),
    },
    "prometheus": {*(f"{name}_metrics" for name in METRIC_SWITCHES), "per_consumer", "ai_metrics"},
    "rate-limiting": {
        *("second", "minute", "hour", "day", "limit_by", "policy", "fault_tolerant", "hide_client_headers"),
        *("error_code", "error_message", "header_name", "path", "sync_rate"),
    },
    "request-size-limiting": {"allowed_payload_size", "size_unit", "require_content_length"},
    "request-termination": {"status_code", "message", "content_type", "body", "echo", "trigger"},
    "request-transformer": {"http_method", "remove", "rename", "replace", "add", "append"},
}
"""The fields that these plugins have. The schema takes any, Kong does not."""


def consumer(name: str = "shop", api_key: str = API_KEY) -> subprocess.CompletedProcess[str]:
    """What deploy/kong/consumer.sh makes of them."""
    told = ["sh", str(CONSUMER_SH), name]
    return subprocess.run(told, input=f"{api_key}\n", capture_output=True, text=True, check=False)


def changed(old: str, new: str) -> str:
    """The file with something else in it."""
    text = KONG_YML.read_text()
    assert old in text
    return text.replace(old, new, 1)


def test_it_is_what_the_schema_says() -> None:
    assert Declared.read().document["_format_version"] == "3.0"


@pytest.mark.parametrize(
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


def test_its_plugins_have_no_field_that_kong_does_not_know() -> None:
    declared = Declared.read("consumers:\n" + consumer().stdout)

    assert {name: set(config) - FIELDS[name] for name, config in declared.every_plugin() if config} == {
        name: set() for name in FIELDS if name != "acl"
    }


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


def test_a_consumer_is_written_with_a_new_key_each_time() -> None:
    entries = [consumer().stdout for _ in range(2)]
    first, second = (Declared.read(f"consumers:\n{entry}").consumers() for entry in entries)

    assert [one["username"] for one in (*first.values(), *second.values())] == ["shop", "shop"]
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key in (*first, *second))
    assert first.keys() != second.keys()


def test_a_consumer_brings_the_services_key_and_never_its_own_authorization() -> None:
    (entry,) = yaml.safe_load(consumer().stdout)
    (plugin,) = entry["plugins"]

    assert plugin["name"] == "request-transformer"
    assert plugin["config"]["remove"]["headers"] == ["authorization"]
    assert plugin["config"]["add"]["headers"] == [f"authorization:Bearer {API_KEY}"]


def test_a_consumer_is_written_from_what_making_a_key_says(tmp_path: Path) -> None:
    terminal = Terminal(environment={"API_KEYS_FILE": str(tmp_path / "keys")})
    for json in ((), ("--json",)):
        said = terminal.run("keys", "create", "--scope", "read", *json).out
        (entry,) = yaml.safe_load(consumer(api_key=said).stdout)
        (added,) = entry["plugins"][0]["config"]["add"]["headers"]

        assert re.fullmatch("authorization:Bearer cpt_key-[0-9a-f]{8}_[a-z2-7]{32}", added)
        assert added.rpartition(" ")[2] in said


@pytest.mark.parametrize(
    ("name", "api_key"),
    [
        ("shop: x", API_KEY),
        ("shop\nx", API_KEY),
        ("", API_KEY),
        ("-n", API_KEY),
        ("shop", ""),
        ("shop", "cpt_shop_short"),
        ("shop", "{vault://env/key}"),
    ],
    ids=["YAML", "a line more", "no name", "an option", "no key", "a short key", "a reference"],
)
def test_a_consumer_that_would_not_be_one_is_not_written(name: str, api_key: str) -> None:
    done = consumer(name, api_key)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(("consumer.sh: ", str(CONSUMER_SH)))
    assert API_KEY not in done.stderr


def test_what_the_document_shows_is_what_the_schema_says() -> None:
    shown = re.findall("^```yaml\n(.*?)^```$", KONG_MD.read_text(), re.DOTALL | re.MULTILINE)

    assert shown
    for block in shown:
        Declared.parse(block)
