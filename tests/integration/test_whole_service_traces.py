"""Spans of real processes, sent to a collector, or to nobody; and what the logs say and do not say."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from entrypoints.settings import WORKERS
from entrypoints.up.ports import free_port
from tests.integration.span_receiver import collecting
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.instance import RunningService
    from tests.running_service import Neighbour

pytest_plugins = ["tests.running_service"]
pytestmark = [pytest.mark.slow, pytest.mark.runs_on("valkey")]

TRACE: Final = "0af7651916cd43dd8448eb211c80319c"
CALLER: Final = f"00-{TRACE}-b7ad6b7169203331-01"
SHOPPER: Final = "ada-lovelace"
PRODUCT: Final = "brass-cogwheel"

WHO_IMPORTS: Final = """
import os, sys

class Noting:
    def find_spec(self, name, path=None, target=None):
        if name in {"opentelemetry", "redis"}:
            with open(os.environ["NOTED_IN"], "a") as noted:
                noted.write(f"{os.getpid()} {name}\\n")

sys.meta_path.insert(0, Noting())
"""
"""A `sitecustomize` that notes the processes which import either."""


def buy(service: "RunningService") -> str:
    """A checkout that succeeds, in the caller's trace."""
    service.front.receive(PRODUCT, 5)
    answered = service.front.post(SHOPPER, {PRODUCT: 1}, traceparent=CALLER)
    assert answered.headers["traceparent"].startswith(CALLER[:36])
    service.comes_to_rest()
    return str(answered.json()["checkout_id"])


def lines_of(service: "RunningService") -> list[dict[str, Any]]:
    """All that the API and the workers have logged."""
    texts = [service.log_text(name) for name in ("api", *WORKERS)]
    return [json.loads(line) for text in texts for line in text.splitlines()]


def test_one_checkout_is_one_trace_across_all_processes(alone: "Neighbour") -> None:
    with collecting() as collector:
        with alone(TRACES="on", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url) as service:
            buy(service)  # and stop: the last spans are sent on the way out

        found = collector.of_trace(TRACE)
        ids = {one.span.span_id for one in found}
        above = {one.span.parent_span_id for one in found}
        assert above - ids == {bytes.fromhex(CALLER.split("-")[2])}
        assert sorted(one.shown for one in found) == [
            "api: POST /api/checkouts",
            "audit: process CheckoutInitiated",
            "audit: process CheckoutSucceeded",
            "audit: process OrderCreated",
            "audit: process StockReserved",
            "cqrs-projection: process CheckoutSucceeded",
            "cqrs-projection: process OrderCreated",
            "deadline: process CheckoutInitiated",
            "deadline: process CheckoutSucceeded",
            "notification: process CheckoutSucceeded",
            "order-creation: process StockReserved",
            "stock-reservation: process CheckoutInitiated",
        ]


def test_a_dead_collector_hurts_nobody_and_no_log_holds_what_is_personal(alone: "Neighbour") -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    told = {"OTEL_EXPORTER_OTLP_ENDPOINT": nobody, "OTEL_BSP_SCHEDULE_DELAY": "100"}
    with alone(TRACES="on", REQUEST_LOG="on", **told) as service:
        checkout_id = buy(service)
        eventually(lambda: any(map(is_complaint, lines_of(service))))
        service.nothing_lost_nothing_twice()

    lines = lines_of(service)
    assert sum(map(is_complaint, lines)) <= 10 * (1 + len(WORKERS))
    about = [line for line in lines if line.get("checkout_id") == checkout_id]
    assert {line["event"] for line in about} == {"request", "client notified"}
    assert {line["trace_id"] for line in about} == {TRACE}
    said = json.dumps(lines)
    assert SHOPPER not in said
    assert PRODUCT not in said


def is_complaint(line: dict[str, Any]) -> bool:
    """Whether OpenTelemetry says that nobody takes its spans."""
    return str(line.get("logger", "")).startswith("opentelemetry")


def test_where_traces_are_off_no_process_imports_opentelemetry(alone: "Neighbour", tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(WHO_IMPORTS)
    noted, way = tmp_path / "noted", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"

    with alone(PYTHONPATH=way, NOTED_IN=str(noted)) as service:
        buy(service)
        pids = {str(pid) for pid in service.pids().values()}

    told = [line.split() for line in noted.read_text().splitlines()]
    assert {pid for pid, name in told if name == "redis"} >= pids - {str(service.pids()["api"])}
    assert [pid for pid, name in told if name == "opentelemetry"] == []
