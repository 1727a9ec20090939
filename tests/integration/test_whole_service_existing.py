"""The whole service with stock and orders kept by services that were there before us."""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from domain.checkout.saga import ORDER_CREATION, STOCK_RESERVATION
from tests.sandbox import API_KEY, Sandbox
from tests.sandbox_process import SandboxProcess
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.instance import RunningService

pytest_plugins = ["tests.running_service"]
pytestmark = [pytest.mark.slow, pytest.mark.runs_on("valkey")]

STOCK = {"p-1": 1_000, "p-2": 1_000, "few": 1}
QUICK = {
    "INVENTORY": "http",
    "ORDERS": "http",
    "API_KEY": API_KEY,
    "MAGASIN_ID": "m-1",
    "CLAIM_IDLE_MS": "2000",
    "SERVICE_CONNECT_TIMEOUT_MS": "300",
    "SERVICE_READ_TIMEOUT_MS": "900",
    "SERVICE_CALL_MAX_MS": "1500",
    "SERVICE_RETRY_MAX_MS": "200",
    "CALL_MARGIN_MS": "500",
    "BREAKER_OPEN_S": "1",
}


@attrs.frozen
class Shop:
    """The service, and those behind it."""

    service: "RunningService"
    process: SandboxProcess
    sandbox: Sandbox

    def call(self, checkout_id: str, operation: str) -> dict[str, Any] | None:
        """The call in doubt of a checkout, once there is one."""
        calls = self.service.front.get("/api/calls", state="in-doubt")["calls"]
        wanted = {"checkout_id": checkout_id, "operation": operation}
        return next((call for call in calls if call | wanted == call), None)

    def settle(self, call: Mapping[str, Any], **found: object) -> None:
        """Decide, as a person who has looked."""
        answer = self.service.front.http.post(
            f"/api/calls/{call['id']}/settle", json={"reason": "I have looked", "actor": "ada", **found}
        )
        assert answer.status_code == 202, answer.text

    def ledger(self, key: str) -> dict[str, Any]:
        """What the services say of a call: what a person would look up."""
        (entry,) = [entry for entry in self.sandbox.entries() if entry["key"] == key]
        return dict(entry)

    def ended(self, checkout_id: str) -> str:
        """How it ended."""
        return str(self.service.front.ended(checkout_id)["status"])

    def nothing_lost_nothing_twice(self) -> None:
        """What has left the shelf is what was sold, and what was sold is what succeeded."""
        self.service.nothing_lost_nothing_twice()
        sold = self.sandbox.sold()
        for produit_id, units in STOCK.items():
            assert self.sandbox.stock(produit_id) + sold.get(produit_id, 0) == units
        effects = [(entry["operation"], entry["key"]) for entry in self.sandbox.effects()]
        assert len(set(effects)) == len(effects)


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    made = SandboxProcess(tmp_path_factory.mktemp("sandbox"), STOCK)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def running(process: SandboxProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator["RunningService"]:
    with service_on(process, tmp_path_factory.mktemp("service")) as service:
        yield service


@contextmanager
def service_on(process: SandboxProcess, directory: Path, **more: str) -> Iterator["RunningService"]:
    """The whole service, on these services and told more."""
    from tests.instance import RunningService
    from tests.running_service import IMPATIENT, free_base_port

    told = IMPATIENT | QUICK | {"KONG_URL": process.url} | more
    ports = {"PORT": "0", "METRICS_BASE_PORT": str(free_base_port())}
    with RunningService(directory, told | ports).running() as service:
        yield service


@pytest.fixture
def shop(running: "RunningService", process: SandboxProcess) -> Iterator[Shop]:
    with Sandbox.at(process.url) as sandbox:
        yield Shop(running, process, sandbox)
        sandbox.go_right()


def test_every_line_of_a_cart_is_taken_and_sold_there(shop: Shop) -> None:
    before = len(shop.sandbox.effects())

    checkout_id = shop.service.front.checkout("ada", {"p-1": 2, "p-2": 1})

    assert shop.ended(checkout_id) == "succeeded"
    effects = [(e["operation"], e["produit_id"], e["quantite"]) for e in shop.sandbox.effects()[before:]]
    assert effects == [("take", "p-1", 2), ("take", "p-2", 1), ("enter", "p-1", 2), ("enter", "p-2", 1)]
    shop.nothing_lost_nothing_twice()


def test_what_was_taken_before_a_refusal_is_given_back(shop: Shop) -> None:
    left = shop.sandbox.stock("p-1")

    checkout_id = shop.service.front.checkout("ada", {"p-1": 3, "few": 2})

    assert shop.ended(checkout_id) == "failed"
    assert "Stock insuffisant" in shop.service.front.ended(checkout_id)["reason"]
    assert shop.sandbox.stock("p-1") == left
    shop.nothing_lost_nothing_twice()


def test_sales_that_were_entered_before_a_refusal_are_cancelled_and_the_stock_given_back(shop: Shop) -> None:
    left, sold = shop.sandbox.stock("p-1"), shop.sandbox.sold()
    shop.sandbox.go_wrong("refuse", operation="enter", produit_id="p-2", calls=1)

    checkout_id = shop.service.front.checkout("ada", {"p-1": 1, "p-2": 1})

    assert shop.ended(checkout_id) == "failed"
    assert (shop.sandbox.stock("p-1"), shop.sandbox.sold()) == (left, sold)
    shop.nothing_lost_nothing_twice()


@pytest.mark.parametrize("operation", ["take", "enter"])
@pytest.mark.parametrize("fault", ["lost", "silent"])
def test_a_call_that_may_have_happened_waits_for_a_person_and_goes_on_either_way(
    shop: Shop, operation: str, fault: str
) -> None:
    shop.sandbox.go_wrong(fault, operation=operation, calls=1)
    checkout_id = shop.service.front.checkout("ada", {"p-1": 1, "p-2": 1})
    call = eventually(lambda: shop.call(checkout_id, operation), 30.0)

    looked_up = shop.ledger(call["idempotency_key"])
    assert looked_up["happened"] == (fault == "lost")
    vente = {"vente_id": looked_up["vente_id"]} if operation == "enter" and fault == "lost" else {}
    shop.settle(call, happened=looked_up["happened"], **vente)

    assert shop.ended(checkout_id) == "succeeded"
    shop.nothing_lost_nothing_twice()


@pytest.mark.parametrize(("worker", "operation"), [(STOCK_RESERVATION, "take"), (ORDER_CREATION, "enter")])
def test_a_worker_that_is_killed_in_the_middle_of_a_call_leaves_a_doubt_and_no_loss(
    shop: Shop, worker: str, operation: str
) -> None:
    seen = len(shop.sandbox.entries())
    shop.sandbox.go_wrong("late", operation=operation, produit_id="p-2", latency_ms=800, calls=1)
    checkout_id = shop.service.front.checkout("ada", {"p-1": 1, "p-2": 1})
    eventually(lambda: any(e["fault"] == "late" for e in shop.sandbox.entries()[seen:]))

    os.kill(shop.service.pids()[worker], signal.SIGKILL)

    call = eventually(lambda: shop.call(checkout_id, operation), 30.0)
    looked_up = shop.ledger(call["idempotency_key"])
    assert looked_up["happened"]
    vente = {"vente_id": looked_up["vente_id"]} if operation == "enter" else {}
    shop.settle(call, happened=True, **vente)
    assert shop.ended(checkout_id) == "succeeded"
    shop.nothing_lost_nothing_twice()


def circuits(shop: Shop) -> set[str]:
    """The states that the circuits of the reservation worker are in."""
    url = shop.service.metrics_urls()[STOCK_RESERVATION]
    counted = shop.service.counters("service_circuit_state", at=[url])
    return {state for (_, _, state), value in counted.items() if value}


def test_while_the_services_are_away_checkouts_wait_and_then_all_go_on(shop: Shop) -> None:
    front = shop.service.front
    shop.process.stop()

    waiting = [front.checkout("bob", {"p-1": 1}) for _ in range(12)]
    eventually(lambda: circuits(shop) == {"open"}, 30.0)
    shop.process.start()

    assert {shop.ended(checkout_id) for checkout_id in waiting} == {"succeeded"}
    eventually(lambda: circuits(shop) == {"closed"}, 30.0)
    assert front.get("/api/calls", state="in-doubt")["calls"] == []
    assert front.get("/api/dead-letters")["dead_letters"] == []
    shop.nothing_lost_nothing_twice()


def test_a_wrong_key_is_told_aloud_and_fails_no_checkout(shop: Shop) -> None:
    seen = shop.service.log_text(STOCK_RESERVATION).count("a setting is wrong")
    shop.sandbox.go_wrong("error", status=401, calls=1)

    checkout_id = shop.service.front.checkout("ada", {"p-1": 1})

    assert shop.ended(checkout_id) == "succeeded"
    assert shop.service.log_text(STOCK_RESERVATION).count("a setting is wrong") == seen + 1
    logs = (shop.service.data_dir / "logs").glob("*.log")
    assert not any(API_KEY in log.read_text() for log in logs)
    shop.nothing_lost_nothing_twice()


def test_services_that_know_keys_need_no_person(tmp_path: Path) -> None:
    process = SandboxProcess(tmp_path, STOCK, ("--idempotent",))
    process.start()
    known = {"INVENTORY_IDEMPOTENT": "yes", "ORDERS_IDEMPOTENT": "yes"}
    try:
        with (
            service_on(process, tmp_path / "service", **known) as service,
            Sandbox.at(process.url) as sandbox,
        ):
            shop = Shop(service, process, sandbox)
            for kind in ("lost", "reset-after", "garbage"):
                for operation in ("take", "enter"):
                    sandbox.go_wrong(kind, operation=operation, calls=1)

            waiting = [service.front.checkout("ada", {"p-1": 1, "p-2": 1}) for _ in range(5)]

            assert {shop.ended(checkout_id) for checkout_id in waiting} == {"succeeded"}
            assert sandbox.http.get("/faults").json()["faults"] == []
            shop.nothing_lost_nothing_twice()
    finally:
        process.stop()
