"""The real Prometheus reads the real service: quiet when all is well, it tells what is not."""

import json
import math
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import attrs
import httpx
import pytest

from application.streams import CHECKOUTS
from docs.dashboards import DASHBOARDS
from tests.prometheus import Prometheus, metrics_in, program, prometheus_on, rules_in
from tests.shop_front import settles
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.instance import RunningService
    from tests.running_service import Neighbour

pytest_plugins = ["tests.running_service"]
pytestmark = [pytest.mark.slow, pytest.mark.runs_on("valkey")]

MEMORY_MAX_BYTES = 1_000_000_000
ONLY_WITH_EXISTING_SERVICES = {"service_circuit_state"}
FOUND_S = 60.0
"""Until an alert fires or clears; the slowest, HeartbeatLost, waits for 30 s of silence."""


@attrs.frozen
class Watched:
    """A service, the Prometheus that reads it, and the command."""

    service: "RunningService"
    prometheus: Prometheus
    program: Sequence[str]

    def fires(self, alert: str, **labels: str) -> dict[str, Any]:
        """Wait until it does; the alert."""
        return eventually(lambda: self._firing(alert, labels), FOUND_S)

    def clears(self, alert: str, **labels: str) -> None:
        """Wait until it has."""
        eventually(lambda: not self._firing(alert, labels), FOUND_S)

    def _firing(self, name: str, labels: dict[str, str]) -> dict[str, Any] | None:
        alerts = self.prometheus.firing().get(name, [])
        return next((alert for alert in alerts if labels.items() <= alert["labels"].items()), None)

    def comptoir(self, *tokens: str) -> Any:
        """The JSON that a command answers."""
        told = dict(self.service.environment) | {"DATA_DIR": str(self.service.data_dir), "LOG_LEVEL": "error"}
        command = [*self.program, *tokens, "--json"]
        done = subprocess.run(command, env=told, capture_output=True, text=True, timeout=FOUND_S, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def watched(
    alone: "Neighbour", comptoir: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Watched]:
    """A service on which checkouts have succeeded, and failed for want of stock and for their price."""
    program("prometheus")
    with alone(HEARTBEAT_S="1") as service:
        service.server.config_set("maxmemory", MEMORY_MAX_BYTES)
        urls = {name: httpx.URL(url).netloc.decode() for name, url in service.metrics_urls().items()}
        api = httpx.URL(service.front.url).netloc.decode()
        workers = [address for name, address in urls.items() if name != "api"]
        targets = {"comptoir-api": [api], "comptoir-workers": workers}
        with prometheus_on(tmp_path_factory.mktemp("prometheus"), targets) as prometheus:
            eventually(lambda: set(prometheus.up().values()) == {"up"}, FOUND_S)
            shop(service)
            yield Watched(service, prometheus, comptoir)


def shop(service: "RunningService") -> None:
    service.front.receive("pencil", 1_000)
    started = [service.front.checkout("ada", {"pencil": 1}) for _ in range(20)]
    started.append(service.front.checkout("ada", {"pencil": 5_000}))
    started.append(service.front.checkout("ada", {"pencil": 1}, price=5_000.0))
    for checkout_id in started:
        service.front.ended(checkout_id)


@contextmanager
def poisoned(watched: Watched) -> Iterator[None]:
    """An entry that its group cannot read; in the end somebody decides to let it be."""
    watched.service.server.xadd(CHECKOUTS, {"type": "StockReserved", "payload": "not JSON"})
    yield
    for letter in watched.comptoir("dead-letters", "list")["dead_letters"]:
        watched.comptoir("dead-letters", "discard", letter["id"], "--reason", "it was never a checkout")


def test_every_target_is_read_and_nothing_fires_while_all_is_well(watched: Watched) -> None:
    assert len(watched.prometheus.up()) == 8
    rules = watched.prometheus.evaluated
    eventually(lambda: set(rules().values()) == {"ok"}, FOUND_S)

    eventually(lambda: not watched.prometheus.firing())
    quiet_since_s = time.monotonic()
    while time.monotonic() < quiet_since_s + 5:
        assert watched.prometheus.firing() == {}

    assert len(rules()) == len(rules_in("alerts.yml")) + len(rules_in("recording.yml"))


def test_every_rule_asks_for_series_that_there_are(watched: Watched) -> None:
    rules = (*rules_in("recording.yml"), *rules_in("alerts.yml"))
    asked_for = set[str]().union(*(metrics_in(rule["expr"]) for rule in rules))

    def missing() -> set[str]:
        return {name for name in asked_for if not watched.prometheus.samples(name)}

    settles(missing, ONLY_WITH_EXISTING_SERVICES)


def test_a_worker_that_stands_still_is_missed_until_it_goes_on(watched: Watched) -> None:
    worker, group = "order-creation", "checkout-order"
    instance = httpx.URL(watched.service.metrics_urls()[worker]).netloc.decode()

    with watched.service.frozen(worker):
        waiting = watched.service.front.checkout("ada", {"pencil": 1})
        watched.fires("ComptoirDown", instance=instance)
        lost = watched.fires("HeartbeatLost", group=group)

    assert lost["annotations"]["runbook_url"] == "docs/runbooks/HeartbeatLost.md"
    assert [alert["labels"]["group"] for alert in watched.prometheus.firing()["HeartbeatLost"]] == [group]
    assert watched.service.front.ended(waiting)["status"] == "succeeded"
    watched.clears("HeartbeatLost")
    watched.clears("ComptoirDown")


def test_a_poison_entry_is_told_until_somebody_has_decided(watched: Watched) -> None:
    with poisoned(watched):
        alert = watched.fires("DeadLetters", group="checkout-order")
        assert alert["annotations"]["description"].startswith("1 deliveries")

    watched.clears("DeadLetters")


def test_every_panel_shows_data(watched: Watched) -> None:
    shop(watched.service)
    with poisoned(watched):
        for panel in (panel for board in DASHBOARDS for row in board.rows for panel in row.panels):
            for query in panel.queries:
                expr = query.expr.replace("$__rate_interval", "1m")
                expr = expr.replace("$stream", ".*").replace("$group", ".*")
                found = eventually(lambda expr=expr: figures(watched.prometheus, expr), FOUND_S)  # type: ignore[misc]
                print(f"{panel.title} / {query.legend}: {len(found)} series, e.g. {found[0]:.4g}")  # noqa: T201 - shown with -s


def figures(prometheus: Prometheus, expr: str) -> list[float]:
    return [value for _, value in prometheus.samples(expr) if not math.isnan(value)]
