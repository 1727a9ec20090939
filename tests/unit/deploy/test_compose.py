"""deploy/compose.yaml: what can be said of it without an engine, and without starting anything."""

import json
import re
from copy import deepcopy
from typing import Final

from jsonschema_rs import Draft7Validator

from adapters.version import our_version
from entrypoints.settings import WORKERS, setting_rows
from tests.compose.declared import DEPLOY, ROOT, SCHEMA, declared, mounted_paths, ours, services
from tests.each_row import each_row

GRAFANA: Final = DEPLOY / "grafana" / "provisioning"
SETTINGS: Final = {row.name for row in setting_rows()}
MADE_LATER: Final = {"secrets"}  # by deploy/make-secrets


def test_it_is_as_the_compose_specification_has_it() -> None:
    errors = list(Draft7Validator(json.loads(SCHEMA.read_text())).iter_errors(declared()))

    assert [error.message for error in errors] == []


def test_a_file_that_is_not_is_refused() -> None:
    broken = deepcopy(declared())
    broken["services"]["redis"]["helthcheck"] = {}

    assert list(Draft7Validator(json.loads(SCHEMA.read_text())).iter_errors(broken))


def test_it_runs_both_apis_and_each_worker() -> None:
    commands = [tuple(service["command"]) for service in ours().values()]

    assert commands == [("api",), ("event-store",), *(("worker", name) for name in WORKERS)]


@each_row("name", ours())
def test_what_runs_our_image_may_do_no_more_than_it_must(name: str) -> None:
    service = services()[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "ports" not in service
    assert service["depends_on"] == {"redis": {"condition": "service_healthy"}}
    assert service["environment"].keys() <= SETTINGS


@each_row("name", services())
def test_every_container_has_a_health_check_and_a_version(name: str) -> None:
    service = services()[name]

    assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
    assert re.fullmatch(r"[a-z/]+:v?\d+\.\d+\.\d+(-[a-z0-9.-]+)?", service["image"])


def test_nothing_listens_beyond_this_machine_and_no_more_than_two_ports() -> None:
    ports = [port for service in services().values() for port in service.get("ports", ())]

    assert len(ports) == 2
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_all_that_is_mounted_is_there() -> None:
    missing = [path for path in mounted_paths() if not path.exists() and path.parts[-2] not in MADE_LATER]

    assert missing == []


def test_kong_finds_the_services_that_it_is_told_of() -> None:
    targets = re.findall(r"target: ([\w-]+):(\d+)", (DEPLOY / "kong" / "kong.yml").read_text())

    assert targets
    for host, port in targets:
        assert services()[host]["environment"]["PORT"] == port


def test_prometheus_is_told_of_every_process_and_where_its_key_is() -> None:
    text = (DEPLOY / "prometheus" / "prometheus.yml").read_text()
    targets = re.findall(r"([\w-]+):(8000|9100|8100)\b", text)

    assert {name for name, _ in targets} == {*ours(), "kong"}
    for name, port in targets:
        if name in ours():
            environment = services()[name]["environment"]
            assert port == environment.get("METRICS_PORT", environment.get("PORT"))
    (secret,) = set(re.findall(r"/run/secrets/([\w-]+)", text))
    assert secret in services()["prometheus"]["secrets"]


def test_grafana_asks_the_prometheus_that_is_there_and_kong_shows_figures_where_it_is_read() -> None:
    (source,) = re.findall(
        r"url: http://([\w-]+):(\d+)", (GRAFANA / "datasources/prometheus.yml").read_text()
    )
    (kong_port,) = re.findall(r"kong:(\d+)", (DEPLOY / "prometheus" / "prometheus.yml").read_text())

    assert f"http://{source[0]}:{source[1]}" in services()[source[0]]["healthcheck"]["test"][-1].replace(
        "127.0.0.1", source[0]
    )
    assert f"status_listen = 0.0.0.0:{kong_port}" in (DEPLOY / "kong" / "kong.conf").read_text()
    networks = [set(services()[name]["networks"]) for name in ("grafana", "prometheus", "kong", *ours())]
    assert set.intersection(*networks) == {"inside"}


def test_the_version_of_the_image_is_ours_everywhere() -> None:
    version = our_version()
    places = [
        DEPLOY / "Dockerfile",
        DEPLOY / "compose.yaml",
        DEPLOY / "make-secrets",
        ROOT / "docs/containers.md",
    ]

    for place in places[1:]:
        assert set(re.findall(r"comptoir:(\d[\w.]*)", place.read_text())) == {version}, place
    assert f'image.version="{version}"' in places[0].read_text()


def test_the_image_is_made_of_files_that_exist_and_its_user_is_nobody() -> None:
    text = (DEPLOY / "Dockerfile").read_text()

    assert "--require-hashes -r requirements/run.txt" in text
    assert "USER 10001" in text
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert all((ROOT / name).exists() for name in kept)
    assert {"adapters", "application", "domain", "entrypoints", "requirements/run.txt"} <= set(kept)
