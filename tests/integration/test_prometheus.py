"""The real Prometheus reads the real service: quiet when all is well, it tells what is not."""

import math
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest

from docs.dashboards import DASHBOARDS
from tests.prometheus import Prometheus, metrics_in, program, prometheus_on, rules_in
from tests.shop_front import settles
from tests.waiting import eventually
from tests.watched import (
    EVENTS,
    FOLLOWERS_MAX,
    FOUND_S,
    Watched,
    crowded,
    full,
    killed,
    poisoned,
    refuses,
    shop,
)

if TYPE_CHECKING:
    from tests.running_service import Neighbour

pytest_plugins = ["tests.running_service"]
pytestmark = [pytest.mark.slow, pytest.mark.runs_on("valkey")]

MEMORY_MAX_BYTES = 1_000_000_000
SEEN_BEFORE = (
    'saga_choreo_duration_seconds_count{fact="CheckoutFailed"} > 1',
    'http_request_duration_seconds_count{method="POST", route="/api/checkouts"} > 20',
    'event_latency_seconds_count{type="StockReleased", job="comptoir-workers"}',
)
"""Of the first checkouts, before there are more: a series that begins with its last value never rose."""
ONLY_WITH_EXISTING_SERVICES = {"service_circuit_state"}


@pytest.fixture(scope="module")
def watched(
    alone: "Neighbour", comptoir: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Watched]:
    """A service on which checkouts have succeeded, and failed for want of stock and for their price."""
    program("prometheus")
    with alone(HEARTBEAT_S="1", FOLLOWERS_MAX=str(FOLLOWERS_MAX)) as service:
        service.server.config_set("maxmemory", MEMORY_MAX_BYTES)
        urls = {name: httpx.URL(url).netloc.decode() for name, url in service.metrics_urls().items()}
        api = httpx.URL(service.front.url).netloc.decode()
        workers = [address for name, address in urls.items() if name != "api"]
        targets = {"comptoir-api": [api], "comptoir-workers": workers}
        with prometheus_on(tmp_path_factory.mktemp("prometheus"), targets) as prometheus:
            eventually(lambda: set(prometheus.up().values()) == {"up"}, FOUND_S)
            shop(service)
            for seen in SEEN_BEFORE:
                eventually(lambda seen=seen: prometheus.samples(seen), FOUND_S)  # type: ignore[misc]
            yield Watched(service, prometheus, comptoir)


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
    instance = watched.at(worker)

    with watched.service.frozen(worker):
        waiting = watched.service.front.checkout("ada", {"pencil": 1})
        watched.fires("ComptoirDown", instance=instance)
        for _ in range(4):  # meanwhile
            killed(watched, "audit")
        watched.fires("RestartsOften", instance=watched.at("audit"))
        lost = watched.fires("HeartbeatLost", group=group)

    assert lost["annotations"]["runbook_url"] == "docs/runbooks/HeartbeatLost.md"
    assert [alert["labels"]["group"] for alert in watched.prometheus.firing()["HeartbeatLost"]] == [group]
    assert watched.service.front.ended(waiting)["status"] == "succeeded"
    watched.fires("EventsLate", type="StockReserved")
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
                expr = query.chosen("1m")
                found = eventually(lambda expr=expr: figures(watched.prometheus, expr), FOUND_S)  # type: ignore[misc]
                print(f"{panel.title} / {query.legend}: {len(found)} series, e.g. {found[0]:.4g}")  # noqa: T201 - shown with -s


def test_what_is_chosen_at_the_top_is_all_that_a_panel_shows(watched: Watched) -> None:
    group, stream = "checkout-order", "ecommerce.checkout.events"
    queries = [
        query for board in DASHBOARDS for row in board.rows for panel in row.panels for query in panel.queries
    ]

    by_group = [query for query in queries if '=~"$group"' in query.expr and query.legend == "{{group}}"]
    for query in by_group:
        found = watched.prometheus.samples(query.chosen("1m", group=group, stream=stream))
        assert [labels["group"] for labels, _ in found] == [group], query.expr
    assert len(by_group) > 4
    for query in (query for query in queries if '=~"$stream"' in query.expr):
        assert watched.prometheus.samples(query.chosen("1m", stream="no such stream")) == [], query.expr


def test_checkouts_that_a_step_refuses_are_told_until_most_succeed_again(watched: Watched) -> None:
    front = watched.service.front
    for _ in range(8):
        front.checkout("ada", {"pencil": 1}, price=5_000.0)
    failing = watched.fires("CheckoutsFailing", source="order-creation")
    assert "order-creation" in failing["annotations"]["summary"]

    for _ in range(250):
        front.checkout("ada", {"pencil": 1})
    watched.clears("CheckoutsFailing")


def test_followers_beyond_the_limit_are_told(watched: Watched) -> None:
    with crowded(watched):
        turned_away = [
            watched.service.front.http.get(EVENTS, headers={"Accept": "text/event-stream"}).status_code
            for _ in range(15)
        ]
        watched.fires("RequestsShed", gate="followers")

    assert set(turned_away) == {503}


def test_a_full_server_is_told_while_it_is_full(watched: Watched) -> None:
    with full(watched):
        for alert in ("ServerMemory", "DurabilityLost"):
            watched.fires(alert)
        for _ in range(5):
            refuses(watched, 30)
        watched.fires("RequestsFailing", job="comptoir-api")

    watched.clears("ServerMemory")
    watched.clears("DurabilityLost")
    watched.service.front.ended(watched.service.front.checkout("ada", {"pencil": 1}))


def figures(prometheus: Prometheus, expr: str) -> list[float]:
    return [value for _, value in prometheus.samples(expr) if not math.isnan(value)]
