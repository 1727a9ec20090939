"""Stock and orders kept by existing services, which go wrong and are killed; and the operator who looks there
and decides what became of the calls in doubt, and who has tried again what was refused to be given back."""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import attrs
import httpx

from tests.chaos.carts import STOCK
from tests.chaos.existing_laws import Ledger
from tests.chaos.figures import figure
from tests.chaos.verdict import Row
from tests.instance import RunningService
from tests.sandbox import API_KEY, Sandbox
from tests.sandbox_process import SandboxProcess
from tests.shop_front import ShopFront
from tests.waiting import awaited

SHELVES: Final[Mapping[str, int]] = {
    id_: 30 if id_.startswith("hot") else units for id_, units in STOCK.items()
}
"""Few enough of the hot products for them to run out also at a low rate; no more than one call can take."""
FAULTS: Final = (
    *("slow,latency_ms=200,probability=0.05", "late,latency_ms=300,probability=0.03"),
    *("slow,latency_ms=1500,probability=0.003", "refuse,operation=take,probability=0.01"),
    *("error,status=503,retry_after_s=0,probability=0.02", "error,status=429,probability=0.01"),
    *("refuse,operation=enter,probability=0.01", "refuse,operation=cancel,probability=0.05"),
    *("refuse,operation=give-back,probability=0.02",),  # then the operator has it tried again
    *("error,status=502,probability=0.003", "error-after,status=504,probability=0.003"),
    *("reset,probability=0.003", "reset-after,probability=0.003"),
    *("silent,probability=0.003", "lost,probability=0.003", "cut-body,probability=0.003"),
)
LOOK_AFTER_S: Final = 2.0
"""An operator waits before looking: a service that was only slow may still do what it was asked for."""
LOOK_EVERY_S: Final = 0.5
MISSED_MAX_S: Final = 30.0
TOLD: Final = {
    "INVENTORY": "http",
    "ORDERS": "http",
    "API_KEY": API_KEY,
    "MAGASIN_ID": "m-1",
    "SERVICE_CONNECT_TIMEOUT_MS": "300",
    "SERVICE_READ_TIMEOUT_MS": "800",
    "SERVICE_CALL_MAX_MS": "1500",
    "SERVICE_RETRY_MAX_MS": "200",
    "CALL_MARGIN_MS": "500",
    "BREAKER_OPEN_S": "1",
}


@attrs.define
class Services:
    """They run until the block of `running` ends. All but `process` is for the figures."""

    process: SandboxProcess
    settled: list[Mapping[str, Any]] = attrs.Factory(list)
    retried: int = 0
    killed: int = 0
    missed: int = 0
    """Times that they stayed away until a worker gave up calling one of them."""

    @classmethod
    @contextmanager
    def running(cls, directory: Path, seed: int) -> Iterator["Services"]:
        """Both, with faults that `seed` draws."""
        directory.mkdir(parents=True)
        faults = tuple(part for fault in FAULTS for part in ("--fault", fault))
        made = cls(SandboxProcess(directory, SHELVES, (*faults, "--seed", str(seed))))
        made.process.start()
        try:
            yield made
        finally:
            made.process.stop()

    @property
    def told(self) -> dict[str, str]:
        """What a service that is to call them is told."""
        return TOLD | {"KONG_URL": self.process.url}

    @contextmanager
    def attended(self, service: RunningService, seconds: float) -> Iterator[None]:
        """Meanwhile they are killed after a third and two thirds of `seconds`; somebody decides doubts."""
        done = threading.Event()
        kill_at_s = [time.monotonic() + seconds * part / 3 for part in (1, 2)]

        def attend() -> None:
            with service.front.new_client() as http:
                while not done.wait(LOOK_EVERY_S):
                    if kill_at_s and time.monotonic() > kill_at_s[0]:
                        kill_at_s.pop(0)
                        self._kill(service)
                    with suppress(httpx.TransportError, httpx.HTTPStatusError):
                        self._decide(http)
                        self._retry(http)

        thread = threading.Thread(target=attend, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def ledger(self, front: ShopFront) -> Ledger:
        """What is there at the end."""
        in_doubt = front.get("/api/calls", state="in-doubt")["calls"]
        with Sandbox.at(self.process.url) as sandbox:
            return Ledger(
                shelves=SHELVES,
                stock={id_: sandbox.stock(id_) for id_ in SHELVES},
                sold=sandbox.sold(),
                entries=sandbox.entries(),
                in_doubt=[call["id"] for call in in_doubt],
            )

    def _kill(self, service: RunningService) -> None:
        self.process.kill()
        self.missed += bool(awaited(lambda: _is_left_alone(service), MISSED_MAX_S))
        self.process.start()
        self.killed += 1

    def _decide(self, http: httpx.Client) -> None:
        found = http.get("/api/calls", params={"state": "in-doubt", "count": 100}).raise_for_status().json()
        for call in found["calls"]:
            if time.time() - call["since"] > LOOK_AFTER_S:
                found = self._looked_up(call)
                answer = http.post(f"/api/calls/{call['id']}/settle", json=found)
                if answer.status_code == 202:
                    self.settled.append(call | {"decided": found["happened"]})

    def _retry(self, http: httpx.Client) -> None:
        """Have done again what a service has refused for good: another time it may take it back."""
        asked = {"older_than_s": 0, "count": 100}
        found = http.get("/api/checkouts/stuck", params=asked).raise_for_status().json()
        for stuck in found["checkouts"]:
            if stuck["step"] == "compensation_failed":
                said = {"actor": "operator", "reason": "they take it back now"}
                answer = http.post(f"/api/checkouts/{stuck['checkout_id']}/retry", json=said)
                self.retried += answer.status_code == 202

    def _looked_up(self, call: Mapping[str, Any]) -> dict[str, Any]:
        with Sandbox.at(self.process.url) as sandbox:
            key = call["idempotency_key"]
            effects = [effect for effect in sandbox.effects() if effect["key"] == key]
        found: dict[str, Any] = {
            "happened": bool(effects),
            "actor": "operator",
            "reason": "looked in the ledger",
        }
        if effects and call["operation"] == "enter":
            found["vente_id"] = effects[0]["vente_id"]
        return found


def _is_left_alone(service: RunningService) -> bool:
    """Whether a worker's circuit breaker is open."""
    for url in service.metrics_urls().values():
        with suppress(httpx.TransportError):
            states = service.counters("service_circuit_state", at=[url])
            if any(states[of] for of in states if of[-1] == "open"):
                return True
    return False


def existing_figures(services: Services, ledger: Ledger) -> list[Row]:
    """How much the services had to do, and what went wrong."""
    faults = Counter(entry["fault"] for entry in ledger.entries if entry["fault"])
    shown = ", ".join(f"{kind} {count}" for kind, count in faults.most_common(5))
    happened = sum(1 for call in services.settled if call["decided"])
    return [
        figure("calls they had / with an effect", f"{len(ledger.entries):,} / {len(ledger.effects):,}"),
        figure("calls that went wrong", shown),
        figure("times they were killed / missed", f"{services.killed} / {services.missed}"),
        figure("give-backs refused for good, and tried again", f"{services.retried}"),
        figure(
            "calls in doubt: had happened / had not", f"{happened:,} / {len(services.settled) - happened:,}"
        ),
    ]
