"""`comptoir read-model rebuild` beside a running service, under load, interrupted and killed."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import orjson
import pytest

from adapters.redis_streams.editions import EDITIONS_KEY, ORDERS
from entrypoints.exit_codes import ExitCode
from tests.shop import cart_of
from tests.shop_front import ShopFront
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.instance import RunningService
    from tests.running_service import Neighbour

pytest_plugins = ["tests.running_service"]
pytestmark = pytest.mark.slow

CLIENTS: Final = ("ada", "bob", "carl")
CHECKOUTS_EACH: Final = 120
ORDERS_OF: Final = "/api/event-store/cqrs/orders-by-client/"


@pytest.fixture(scope="module")
def full(alone: "Neighbour") -> Iterator["RunningService"]:
    """A service whose clients have ordered often."""
    with alone() as running:
        running.front.receive("pencil", 1_000_000)
        starter = running.shop.container.starter()
        for _ in range(CHECKOUTS_EACH):
            for client_id in CLIENTS:
                starter.start(client_id=client_id, cart=cart_of({"pencil": 1}))
        running.comes_to_rest()
        yield running


def began(service: "RunningService", *words: str) -> "subprocess.Popen[bytes]":
    """`comptoir` with these words, against the service."""
    told = os.environ | service.environment | {"DATA_DIR": str(service.data_dir)}
    return subprocess.Popen(
        [sys.executable, "-m", "entrypoints.cli", *words, "--json"], env=told, stdout=subprocess.PIPE
    )


def told(service: "RunningService", *words: str) -> tuple[int, Any]:
    """How it ended, and what it answered."""
    with began(service, *words) as process:
        out, _ = process.communicate(timeout=120)
    return process.returncode, orjson.loads(out) if out else None


def editions(service: "RunningService") -> list[str]:
    """The one that is shown, and the one that is built."""
    return str(service.server.get(EDITIONS_KEY) or "").split(" ")


@contextmanager
def looked_at(front: ShopFront) -> Iterator[list[str]]:
    """Meanwhile clients look at their orders; what any of them has missed."""
    missed: list[str] = []
    done = threading.Event()

    def looks() -> None:
        most = dict.fromkeys(CLIENTS, 0)
        with front.new_client() as http:
            while not done.is_set():
                for client_id in CLIENTS:
                    answer = http.get(f"{ORDERS_OF}{client_id}", params={"count": 1}).json()
                    shown = answer["total_orders"]
                    if shown < most[client_id] or answer["last_order_id"] is None:
                        missed.append(f"{client_id}: {most[client_id]}, then {answer}"[:300])
                    most[client_id] = max(most[client_id], shown)

    looker = threading.Thread(target=looks)
    looker.start()
    try:
        yield missed
    finally:
        done.set()
        looker.join()


def test_nobody_is_shown_less_while_it_is_built_again_under_load(full: "RunningService") -> None:
    with looked_at(full.front) as missed, full.front.shoppers("load", {"pencil": 1}) as accepted:
        made = [told(full, "read-model", "rebuild") for _ in range(2)]
    full.comes_to_rest()

    assert [code for code, _ in made] == [0, 0]
    assert made[0][1]["rows"] >= CHECKOUTS_EACH * len(CLIENTS)
    assert missed == []
    assert accepted
    code, verdict = told(full, "verify")
    assert (code, verdict["findings"]) == (0, [])
    (shown,) = editions(full)
    assert full.server.keys(f"{ORDERS}*") == [
        key for key in full.server.keys(f"{ORDERS}*") if f"/{shown}" in key or key == EDITIONS_KEY
    ]


def test_what_somebody_broke_is_put_right(full: "RunningService") -> None:
    (shown,) = editions(full)
    prefix = f"{ORDERS}/{shown}" if shown else ORDERS
    full.server.zpopmax(f"{prefix}:ada", 5)
    full.server.hset(f"{prefix}/totals:bob", "orders", 7)
    full.server.zadd(f"{prefix}:carl", {"never-was 4 s 1.0 1 = ": 1_024})
    assert told(full, "verify")[0] == ExitCode.REFUSED

    assert told(full, "read-model", "rebuild")[0] == 0

    code, verdict = told(full, "verify")
    assert (code, verdict["findings"]) == (0, [])


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_cut_short_it_changes_nothing_and_may_be_run_again(
    full: "RunningService", how: signal.Signals
) -> None:
    before = full.front.get(f"{ORDERS_OF}ada")
    (shown,) = editions(full)

    with began(full, "read-model", "rebuild") as process:
        eventually(lambda: len(editions(full)) == 2)
        process.send_signal(how)

    assert process.returncode == (ExitCode.INTERRUPTED if how == signal.SIGINT else -how)
    assert editions(full)[0] == shown
    assert full.front.get(f"{ORDERS_OF}ada") == before
    full.front.ended(full.front.checkout("dan", {"pencil": 1}))
    assert told(full, "read-model", "rebuild")[0] == 0
    full.comes_to_rest()
    assert told(full, "verify")[0] == 0
