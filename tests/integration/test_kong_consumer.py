"""deploy/kong/consumer.sh writes consumers that Kong takes, and no others."""

import re
import subprocess
from pathlib import Path
from typing import Final

import pytest
import yaml

from adapters.api_keys.api_key import new_secret
from tests.kong.declared import CONSUMER_SH, Declared
from tests.terminal import Terminal

API_KEY: Final = new_secret("shop")
FIELDS: Final = {
    "acl": {"allow", "deny", "hide_groups_header"},
    "correlation-id": {"header_name", "generator", "echo_downstream"},
    "key-auth": {
        *("key_names", "key_in_header", "key_in_query", "key_in_body"),
        *("hide_credentials", "anonymous", "run_on_preflight", "realm"),
    },
    "prometheus": {
        *("status_code_metrics", "latency_metrics", "bandwidth_metrics", "upstream_health_metrics"),
        *("per_consumer", "ai_metrics"),
    },
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


def test_its_plugins_have_no_field_that_kong_does_not_know() -> None:
    declared = Declared.read("consumers:\n" + consumer().stdout)

    assert {name: set(config) - FIELDS[name] for name, config in declared.every_plugin() if config} == {
        name: set() for name in FIELDS if name != "acl"
    }


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
