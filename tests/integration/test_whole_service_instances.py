"""Other instances: one beside another, one that gives checkouts little time, one wholly in memory."""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from domain.checkout.saga import ORDER_CREATION
from tests.shop_front import ShopFront
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.instance import RunningService
    from tests.running_service import Neighbour

pytest_plugins = ["tests.running_service"]
pytestmark = pytest.mark.slow

DEADLINE_S = 2.0


@pytest.fixture(scope="module")
def impatient(service: "RunningService", neighbour: "Neighbour") -> Iterator["RunningService"]:
    """An instance beside `service`, with nothing but defaults for its ports, all of which are taken."""
    with ExitStack() as taken:
        for port in (8000, *range(9100, 9107)):
            with suppress(OSError):  # taken by somebody else, which is as good
                taken.enter_context(socket.create_server(("127.0.0.1", port)))
        with neighbour(CHECKOUT_DEADLINE_S=str(DEADLINE_S)) as running:
            yield running


def test_a_checkout_that_does_not_end_in_time_fails_and_its_late_order_is_not_made(
    impatient: "RunningService",
) -> None:
    front = impatient.front
    front.receive("clock", 10)

    with impatient.frozen(ORDER_CREATION):
        checkout_id = front.checkout("rob", {"clock": 4})
        replay = front.ended(checkout_id)
        assert front.stock("clock") == (10, 0)

    facts = [
        "CheckoutInitiated",
        "StockReserved",
        "CheckoutDeadlineExpired",
        "StockReleased",
        "CheckoutFailed",
    ]
    assert (replay["status"], [event["type"] for event in replay["events"]]) == ("failed", facts)
    assert "in time" in replay["reason"]
    assert (replay["stock_reserved"], replay["stock_released"]) == (True, True)
    assert replay["events"][2]["emitted_at"] - replay["events"][0]["emitted_at"] >= DEADLINE_S - 0.1
    assert [event["type"] for event in front.listed(checkout_id)] == facts
    impatient.nothing_lost_nothing_twice()
    assert front.ended(checkout_id) == replay
    assert front.stock("clock") == (10, 0)
    assert front.orders("rob", 1)["total_orders"] == 0


def test_two_instances_side_by_side_know_nothing_of_each_other(
    service: "RunningService", impatient: "RunningService"
) -> None:
    here, there = service.front, impatient.front
    here.receive("scarf", 1)
    there.receive("scarf", 1)

    ids = [front.checkout("sue", {"scarf": 1}) for front in (here, there)]

    assert [front.ended(id_)["status"] for front, id_ in zip((here, there), ids, strict=True)] == [
        "succeeded"
    ] * 2
    assert here.http.get(f"/api/checkouts/{ids[1]}").status_code == 404
    assert there.http.get(f"/api/checkouts/{ids[0]}").status_code == 404
    assert not set(service.metrics_urls().values()) & set(impatient.metrics_urls().values())


def test_wholly_in_memory_it_carries_a_checkout_to_its_end_and_stops_when_told(
    tmp_path: Path, comptoir: tuple[str, ...]
) -> None:
    told = {**os.environ, "PORT": "0", "DATA_DIR": str(tmp_path / "data"), "REDIS_URL": ""}
    screen = tmp_path / "screen.txt"
    with screen.open("wb") as out:
        process = subprocess.Popen([*comptoir, "up", "--in-memory"], env=told, stdout=out, stderr=out)
    try:
        (url,) = eventually(lambda: re.findall(r"http://127\.0\.0\.1:\d+(?= |,)", screen.read_text())[:1], 60)
        front = ShopFront(url)
        front.receive("balloon", 5)
        assert front.ended(front.checkout("tom", {"balloon": 2}))["status"] == "succeeded"
        assert front.ended(front.checkout("tom", {"balloon": 9}))["status"] == "failed"
        assert front.stock("balloon") == (3, 2)
        assert front.orders("tom", 2)["total_orders"] == 1
        front.http.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
    assert not (tmp_path / "data").exists()
