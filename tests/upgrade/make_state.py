"""Makes `schema-1.json`: what the last version that wrote schema 1 left behind when it was stopped at work.

How it was made: this file was run with that version's tree on the path and a redis-server 7.0, whose dumps
newer servers take too:

    PYTHONPATH=<tree of that version> python tests/upgrade/make_state.py tests/upgrade/schema-1.json

The keys are DUMP payloads; `checkouts` says which checkout stands where.
"""

import json
import os
import shutil
import signal
import sys
import tempfile
import time
from base64 import b64encode
from contextlib import suppress
from pathlib import Path

import redis

from tests.instance import ExternalServer, RunningService, is_alive
from tests.running_service import IMPATIENT, free_base_port
from tests.shop_front import order_form
from tests.waiting import eventually

TOLD = IMPATIENT | {"PORT": "0", "CONSUMER_NAME": "before", "ATTEMPTS_MAX": "2"}
CHECKOUTS = "ecommerce.checkout.events"  # not imported: where the name stood differs with the version
FROM_AFTER = "fromnewversion00"


def main(target: Path) -> None:
    """Run it, stop it with work in hand, and keep what is there then."""
    binary = shutil.which("redis-server")
    assert binary
    with tempfile.TemporaryDirectory() as directory:
        at = Path(directory)
        (at / "server").mkdir()
        external = ExternalServer.at(at / "server", Path(binary))
        external.start()
        environment = TOLD | {
            "REDIS_URL": external.server.url,
            "METRICS_BASE_PORT": str(free_base_port()),
        }
        service = RunningService(at / "data", environment)
        try:
            service.start()
            checkouts = _finished(service)
            replays = {name: _replay(service, id_) for name, id_ in checkouts.items()}
            checkouts |= _half_way(service)
            _stop(service)
            state = _state(service, at / "data" / "audit")
        finally:
            service.end()
            external.stop()
    target.write_text(json.dumps({"checkouts": checkouts, "replays": replays, **state}, indent=1) + "\n")


def _finished(service: RunningService) -> dict[str, str]:
    front = service.front
    for produit_id, units in {"pencil": 100, "globe": 2, "diamond": 10}.items():
        front.receive(produit_id, units)
    by_key = front.post("ada", {"pencil": 1}, Idempotency_Key="order-7").json()["checkout_id"]
    made = {
        "success": front.checkout("ada", {"pencil": 2}),
        "by key": by_key,
        "no stock": front.checkout("bob", {"pencil": 1, "globe": 3}),
        "refused": front.checkout("bob", {"diamond": 1}, 2000.0),
        "foreign": _start_elsewhere(service, "foreign-done"),
    }
    for checkout_id in made.values():
        front.ended(checkout_id)
    service.comes_to_rest()
    return made


def _half_way(service: RunningService) -> dict[str, str]:
    """Each group of them before a worker that stands still; what it had been handed stays in its hands."""
    front = service.front
    made = {"set aside": _start_by_newer_version(service)}
    service.comes_to_rest()
    assert service.server.xlen(f"{{{CHECKOUTS}}}/dead-letters") == 2, "by the reservation and the deadline"
    _freeze(service, "cqrs-projection", "notification")
    made["not shown"] = front.checkout("carl", {"pencil": 1})
    front.ended(made["not shown"])
    _freeze(service, "stock-compensation")
    made["refused, not given back"] = front.checkout("carl", {"diamond": 2}, 2000.0)
    made["no stock, not closed"] = front.checkout("dora", {"globe": 5})
    _reaches(service, made["refused, not given back"], "OrderCreationFailed")
    _reaches(service, made["no stock, not closed"], "StockReservationFailed")
    _freeze(service, "order-creation")
    made["reserved"] = front.checkout("dora", {"pencil": 2, "globe": 1})
    made["reserved, not delivered"] = front.checkout("erin", {"pencil": 2})
    made["postponed"] = front.checkout("erin", {"pencil": 1})
    for name in ("reserved", "reserved, not delivered", "postponed"):
        _reaches(service, made[name], "StockReserved")
    asked = {"actor": "ada", "reason": "a long way", "in_s": 3600}
    answer = front.http.post(f"/api/checkouts/{made['postponed']}/deadline", json=asked)
    assert answer.is_success, answer.text
    _freeze(service, "stock-reservation")
    made["started"] = front.checkout("fred", {"pencil": 3})
    made["started by key"] = front.post("fred", {"pencil": 1}, Idempotency_Key="open-1").json()["checkout_id"]
    made["foreign, started"] = _start_elsewhere(service, "foreign-open")
    eventually(lambda: service.is_at_rest("deadline") and service.is_at_rest("audit"))
    return made


def _start_elsewhere(service: RunningService, checkout_id: str) -> str:
    cart = order_form("gina", {"pencil": 1})["panier"]
    payload = {"checkout_id": checkout_id, "client_id": "gina", "panier": cart}
    service.server.xadd(
        CHECKOUTS, {"type": "CheckoutInitiated", "payload": json.dumps(payload), "ts": time.time()}
    )
    return checkout_id


def _start_by_newer_version(service: RunningService) -> str:
    """As an API of schema 2 writes it; the old workers must not take it for anything."""
    form = order_form("hugo", {"pencil": 1})
    now_s = round(time.time(), 3)
    entry = {
        "type": "CheckoutInitiated",
        "payload": json.dumps({"checkout_id": FROM_AFTER, "emitted_at": now_s, **form}),
        "emitted_at": int(now_s),
        "checkout_id": FROM_AFTER,
        "event_id": ".0",
        "version": 1,
        "causation_id": "",
        "schema": 2,
    }
    milliseconds, number = service.server.xadd(CHECKOUTS, entry).split("-")
    service.server.hset(f"{{{CHECKOUTS}}}:{FROM_AFTER}", "0", f"{milliseconds}{int(number):03}")
    return FROM_AFTER


def _replay(service: RunningService, checkout_id: str) -> object:
    return service.front.get(f"/api/event-store/replay/checkout/{checkout_id}")


def _reaches(service: RunningService, checkout_id: str, fact: str) -> None:
    eventually(lambda: fact in {event["type"] for event in service.front.listed(checkout_id)})


def _freeze(service: RunningService, *workers: str) -> None:
    for worker in workers:
        os.kill(service.pids()[worker], signal.SIGSTOP)


def _stop(service: RunningService) -> None:
    """SIGTERM; what stands still cannot hear it and is killed."""
    pids = service.pids().values()
    for pid in pids:
        with suppress(ProcessLookupError):
            if _stands_still(pid):
                os.kill(pid, signal.SIGKILL)
    os.kill(service.pid, signal.SIGTERM)
    eventually(lambda: not any(is_alive(pid) for pid in pids), 30)


def _stands_still(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] == "T"


def _state(service: RunningService, audit: Path) -> dict[str, object]:
    with redis.Redis.from_url(service.environment["REDIS_URL"]) as server:
        keys = {key.decode(): b64encode(server.dump(key)).decode() for key in sorted(server.keys())}
    trail = {file.name: file.read_text() for file in sorted(audit.glob("*")) if file.is_file()}
    return {"made_at_s": int(time.time()), "keys": keys, "audit": trail}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
