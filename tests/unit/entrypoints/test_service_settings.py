"""The settings of the existing services behind the gateway."""

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from adapters.telemetry.service_calls import ServiceFigures
from entrypoints.settings import Settings, SettingsError
from entrypoints.start_refused import StartRefused
from entrypoints.wiring.existing import http_inventory, http_orders
from tests.each_row import each_row

BOTH = {"INVENTORY": "http", "ORDERS": "http", "KONG_URL": "http://kong:8000/shop/", "MAGASIN_ID": "m-1"}


def test_services_of_others_are_described_by_settings() -> None:
    settings = Settings.from_environment(BOTH | {"API_KEY": "hunter2", "ORDERS_IDEMPOTENT": "yes"})
    figures = ServiceFigures(CollectorRegistry())

    inventory, orders = http_inventory(settings, figures), http_orders(settings, figures)

    assert str(inventory.service.http.base_url) == "http://kong:8000/shop/"
    assert inventory.service.api_key.now() == "hunter2"
    assert (inventory.repeatable, orders.repeatable) == (False, True)
    assert inventory.longest_s == 8.0
    assert orders.magasin_id == "m-1"


def test_the_key_reaches_another_process_and_is_shown_to_nobody() -> None:
    settings = Settings.from_environment(BOTH | {"API_KEY": "hunter2"})

    assert Settings.from_environment(settings.as_environment()) == settings
    assert "hunter2" not in repr(settings)
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment(BOTH | {"API_KEY": "hunter 2"})
    assert "hunter" not in str(refused.value)


@each_row(
    ("told", "said"),
    [
        ({"KONG_URL": ""}, "KONG_URL is empty"),
        ({"KONG_URL": "ftp://kong"}, "KONG_URL"),
        ({"KONG_URL": "http://user:secret@kong"}, "KONG_URL"),
        ({"MAGASIN_ID": ""}, "MAGASIN_ID is empty"),
        ({"API_KEY": "k", "API_KEY_FILE": "/k"}, "API_KEY and API_KEY_FILE"),
        ({"SERVICE_CALL_MAX_MS": "3999"}, "at least 4000"),
        ({"SERVICE_CALL_MAX_MS": "7501"}, "at most 7500, which is three quarters of SHUTDOWN_GRACE_S"),
        ({"CLAIM_IDLE_MS": "8000"}, "at most 6000, which is three quarters of CLAIM_IDLE_MS"),
        ({"SERVICE_RETRY_BASE_MS": "3000"}, "at least 3000, which is SERVICE_RETRY_BASE_MS"),
        ({"INVENTORY": "theirs"}, "own or http"),
        ({"ORDERS_IDEMPOTENT": "maybe"}, "no or yes"),
    ],
)
def test_what_cannot_work_is_refused_in_one_line(told: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment(BOTH | told)

    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "secret" not in str(refused.value)


def test_where_all_is_our_own_the_limits_of_calls_matter_to_nobody() -> None:
    Settings.from_environment({"CLAIM_IDLE_MS": "1000"})


@pytest.mark.parametrize("name", ["API_KEY_FILE", "KONG_CA_FILE"])
@pytest.mark.parametrize("content", [None, "\n"])
def test_a_file_that_cannot_be_used_is_refused_at_the_start(
    name: str, content: str | None, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    if content is not None:
        file.write_text(content)
    settings = Settings.from_environment(BOTH | {name: str(file)})

    with pytest.raises(StartRefused, match=name):
        http_inventory(settings, ServiceFigures(CollectorRegistry()))
