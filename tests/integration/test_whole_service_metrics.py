"""What an operator can measure, and what must not show: that nothing happens."""

import time
from collections import Counter
from typing import TYPE_CHECKING

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from application.events.streams import CHECKOUTS, STREAMS
from domain.checkout.saga import AUDIT, SAGA
from entrypoints.settings import WORKERS
from tests.shop_front import settles
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.instance import RunningService

pytest_plugins = ["tests.running_service"]
pytestmark = pytest.mark.slow

PUBLISHED, CONSUMED = "events_published_total", "events_consumed_total"
STARTED, SUCCEEDED = "saga_choreo_started_total", "saga_choreo_success_total"
FAILED, LATENCIES = "saga_choreo_failed_total", "event_latency_seconds_count"
NAMES = (PUBLISHED, CONSUMED, STARTED, SUCCEEDED, FAILED, LATENCIES)
FOREIGN = (
    '{"checkout_id":"counted","client_id":"meg","panier":{"produits":[{"produit_id":"drum","quantite":1}]}}'
)

IN_ORDER = (
    *("notification", "audit", "stock-reservation", "order-creation", "stock-compensation"),
    *("cqrs-projection", "deadline"),
)


def on_streams(service: "RunningService") -> Counter[tuple[str, ...]]:
    entries = ((s, fields.get("type", "")) for s in STREAMS for _, fields in service.server.xrange(s))
    return Counter((PUBLISHED, stream, type_) for stream, type_ in entries)


def test_each_worker_shows_its_metrics_at_its_own_port(service: "RunningService") -> None:
    base = int(service.environment["METRICS_BASE_PORT"])
    expected = {worker: f"http://127.0.0.1:{base + n}/metrics" for n, worker in enumerate(IN_ORDER)}

    assert {name: url for name, url in service.metrics_urls().items() if name != "api"} == expected


def test_what_is_counted_is_what_is_on_the_streams(service: "RunningService") -> None:
    front = service.front
    service.comes_to_rest()
    counted, lying = service.counters(*NAMES), on_streams(service)

    front.receive("drum", 10)
    front.ended(front.checkout("meg", {"drum": 2}))
    front.ended(front.checkout("meg", {"drum": 100}))
    front.ended(front.checkout("meg", {"drum": 2}, price=5_000.0))
    service.server.xadd(CHECKOUTS, {"type": "CheckoutInitiated", "payload": FOREIGN})
    front.ended("counted")

    service.comes_to_rest()
    published = on_streams(service) - lying
    facts = Counter({type_: n for (_, stream, type_), n in published.items() if stream == CHECKOUTS})
    assert facts.total() == 4 + 3 + 5 + 4
    expected = Counter(published)
    for step in SAGA:
        handler = None if step.worker == AUDIT else service.shop.container.handler(step.worker)
        types = handler.types or () if handler else facts
        expected += Counter({(CONSUMED, step.worker, CHECKOUTS, type_): facts[type_] for type_ in types})
        expected += Counter({(LATENCIES, CHECKOUTS, type_): facts[type_] for type_ in types})
    expected += Counter({(STARTED,): 4, (SUCCEEDED,): 2})
    expected += Counter({(FAILED, "stock-reservation"): 1, (FAILED, "order-creation"): 1})
    settles(lambda: service.counters(*NAMES) - counted, expected)


def test_latencies_are_told_apart_from_a_millisecond_to_beyond_ten_seconds(service: "RunningService") -> None:
    front = service.front
    front.receive("flute", 1)
    front.ended(front.checkout("ned", {"flute": 1}))
    page = httpx.get(service.metrics_urls()["cqrs-projection"], trust_env=False).text

    (latency,) = (f for f in text_string_to_metric_families(page) if f.name == "event_latency_seconds")

    bounds_s = sorted({float(s.labels["le"]) for s in latency.samples if s.name.endswith("_bucket")})
    assert bounds_s[0] == 0.001
    assert len([bound_s for bound_s in bounds_s if 10 < bound_s < float("inf")]) >= 2


def test_each_group_shows_that_it_has_caught_up(service: "RunningService") -> None:
    gauges = (
        *("group_lag_events", "group_lag_seconds", "group_pending", "group_oldest_pending_seconds"),
        "group_dead_letters",
    )
    groups = {step.group for step in SAGA}
    service.comes_to_rest()

    def caught_up() -> bool:
        shown = service.counters(*gauges)
        assert {group for _, group, _ in shown} == groups
        return not any(shown[name, group, CHECKOUTS] for name in gauges[:-1] for group in groups)

    eventually(caught_up)


def test_workers_that_have_nothing_to_do_for_long_neither_die_nor_complain(service: "RunningService") -> None:
    service.comes_to_rest()
    pids, said = service.pids(), {name: service.log_text(name) for name in ("api", *WORKERS)}
    patience_s = 1.2 * int(service.environment["SOCKET_TIMEOUT_MS"]) / 1000

    began_s = time.monotonic()
    eventually(lambda: time.monotonic() - began_s > patience_s, 2 * patience_s)

    assert {name: service.log_text(name) for name in said} == said
    assert service.pids() == pids
    service.front.receive("horn", 1)
    assert service.front.ended(service.front.checkout("oda", {"horn": 1}))["status"] == "succeeded"
