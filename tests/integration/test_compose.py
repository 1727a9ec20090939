"""What deploy/compose.yaml says, run without an engine: the same commands, variables and health checks.

Only what a container brings is put in its place: host names, ports, and where secrets and volumes are.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

import attrs
import httpx
import pytest

from entrypoints.up.ports import free_port
from tests.compose.declared import Service, make_secrets, ours, services
from tests.integration.nodes import binary_of
from tests.waiting import eventually

pytestmark = [pytest.mark.runs_on("redis"), pytest.mark.slow]

HEALTHY_S: Final = 60.0
PORTS: Final = ("PORT", "METRICS_PORT")


@attrs.define
class Machine:
    """Where everything is here."""

    directory: Path
    redis_port: int = attrs.Factory(free_port)
    ports: dict[str, str] = attrs.Factory(dict)
    running: dict[str, "subprocess.Popen[bytes]"] = attrs.Factory(dict)

    def told(self, name: str, text: str) -> str:
        """`text` of the service `name`, as it must read here."""
        places = {
            "redis:6379": f"127.0.0.1:{self.redis_port}",
            "/run/secrets": str(self.directory / "secrets"),
            "/run/keys": str(self.directory / "secrets" / "keys"),
        }
        for there, here in places.items():
            text = text.replace(there, here)
        return re.sub(r"127\.0\.0\.1:(8000|9100)\b", f"127.0.0.1:{self.ports.get(name)}", text)

    def environment(self, name: str, service: Service) -> dict[str, str]:
        """Its variables, and of ours nothing but the way to the programs."""
        given = {variable: self.told(name, value) for variable, value in service["environment"].items()}
        for variable in PORTS:
            if variable in given:
                given[variable] = self.ports[name] = str(free_port())
        given["DATA_DIR"] = str(self.directory / name)
        if "AUDIT_DIR" in given:
            given["AUDIT_DIR"] = str(self.directory / "audit")
        way = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        return way | given

    def start(self, name: str, argv: list[str], environment: Mapping[str, str] | None = None) -> None:
        with (self.directory / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(argv, env=environment, stdout=log, stderr=log)

    def is_healthy(self, name: str, service: Service) -> bool:
        """What its health check says."""
        how, *words = [self.told(name, word) for word in service["healthcheck"]["test"]]
        if how == "CMD-SHELL":
            shell = words[0].replace("$$", "$").replace("redis-cli", f"redis-cli -p {self.redis_port}")
            return subprocess.run(["/bin/sh", "-c", shell], capture_output=True, check=False).returncode == 0
        words[0] = sys.executable if words[0] == "python" else words[0]
        return subprocess.run(words, capture_output=True, check=False).returncode == 0

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    def key(self, consumer: str) -> str:
        """The key of the service that Kong sends on for a consumer."""
        text = (self.directory / "secrets" / "kong.yml").read_text()
        found = re.search(rf"username: {consumer}\b.*?Bearer (\S+)\"", text, re.DOTALL)
        assert found
        return found[1]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    machine = Machine(tmp_path_factory.mktemp("machine"))
    secrets = machine.directory / "secrets"
    make_secrets(secrets)
    with ExitStack() as stack:
        stack.callback(lambda: [stop(process) for process in machine.running.values()])
        start_redis(machine, services()["redis"])
        for name, service in ours().items():
            environment = machine.environment(name, service)
            machine.start(name, [sys.executable, "-m", "entrypoints.cli", *service["command"]], environment)
        yield machine


def start_redis(machine: Machine, service: Service) -> None:
    data = machine.directory / "redis"
    data.mkdir()
    _, *words = [machine.told("redis", word) for word in service["command"]]
    words[words.index("/data")] = str(data)
    machine.start("redis", [str(binary_of("redis")), *words, "--port", str(machine.redis_port)])
    eventually(lambda: machine.is_healthy("redis", service), HEALTHY_S)


def stop(process: "subprocess.Popen[bytes]") -> int:
    process.terminate()
    return process.wait(30)


@pytest.mark.parametrize("name", ["redis", *ours()])
def test_every_health_check_of_ours_says_that_all_is_well(machine: Machine, name: str) -> None:
    if name == "redis" and not shutil.which("redis-cli"):
        pytest.skip("no redis-cli")  # it comes with redis-server

    eventually(lambda: machine.is_healthy(name, services()[name]), HEALTHY_S)


def test_a_health_check_notices_what_is_not_there(machine: Machine) -> None:
    missing = attrs.evolve(machine, ports={"comptoir-api": str(free_port())})

    assert not missing.is_healthy("comptoir-api", services()["comptoir-api"])


def test_a_checkout_goes_its_way_from_one_api_to_the_other(machine: Machine) -> None:
    api, store = machine.url("comptoir-api"), machine.url("comptoir-event-store")
    desk, shop = ({"X-API-Key": machine.key(name)} for name in ("desk", "shop"))
    order = {"client_id": "ada", "panier": {"produits": [{"produit_id": "pen", "quantite": 1}]}}
    with httpx.Client(trust_env=False, timeout=30.0) as http:
        assert http.post(f"{api}/api/checkouts", json=order).status_code == 401
        http.post(f"{api}/api/inventory/pen/receipts", json={"quantite": 5}, headers=desk).raise_for_status()
        begun = http.post(
            f"{api}/api/checkouts", json=order, headers=shop | {"Prefer": "wait=10"}
        ).raise_for_status()
        replay = f"{store}/api/event-store/replay/checkout/{begun.json()['checkout_id']}"

        assert http.get(replay, headers=shop).json()["status"] == "succeeded"
        assert (
            http.post(f"{api}/api/inventory/pen/receipts", json={"quantite": 5}, headers=shop).status_code
            == 403
        )
        orders = f"{store}/api/event-store/cqrs/orders-by-client/ada"
        eventually(lambda: http.get(orders, headers=shop).json()["total_orders"] == 1)


def test_prometheus_reads_every_process_with_its_key(machine: Machine) -> None:
    key = (machine.directory / "secrets" / "comptoir-metrics-key").read_text()
    for name in ours():
        headers = {"Authorization": f"Bearer {key}"}
        page = httpx.get(f"{machine.url(name)}/metrics", headers=headers, trust_env=False)
        assert page.status_code == 200
        assert "comptoir_build_info" in page.text


def test_the_audit_trail_is_on_its_volume(machine: Machine) -> None:
    eventually(lambda: list((machine.directory / "audit").rglob("*.ndjson")))


def test_every_process_ends_well_when_it_is_told_to(machine: Machine) -> None:
    for name, service in ours().items():
        eventually(partial(machine.is_healthy, name, service), HEALTHY_S)

    codes = {name: stop(machine.running.pop(name)) for name in ours()}

    assert codes == dict.fromkeys(ours(), 0)
