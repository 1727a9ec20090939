"""Killed, frozen, shared and started again while checkouts run: nothing is lost, nothing happens twice."""

import os
import signal
from functools import partial
from typing import TYPE_CHECKING

import pytest

from domain.checkout.saga import STOCK_RESERVATION
from tests.freezing import frozen_with_work
from tests.shop_front import settles
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.instance import RunningService

pytest_plugins = ["tests.running_service"]
pytestmark = pytest.mark.slow

CONSUMED = "events_consumed_total"
DOWNSTREAM_FIRST = (
    *("notification", "audit", "cqrs-projection", "deadline"),
    *("stock-compensation", "order-creation", "stock-reservation"),
)
"""The workers, so that each still has work when its turn comes to be killed."""


def test_every_process_killed_with_work_in_hand_loses_nothing_and_does_nothing_twice(
    service: "RunningService",
) -> None:
    front, before = service.front, service.pids()
    front.receive("saddle", 100_000)
    front.receive("spur", 1)

    with front.shoppers("rider", {"saddle": 1}, {"saddle": 2, "spur": 1}) as accepted:
        for worker in DOWNSTREAM_FIRST:
            at, pid = service.metrics_urls()[worker], before[worker]
            eventually(partial(frozen_with_work, service, worker, at, pid), within_s=30)
            os.kill(pid, signal.SIGKILL)
        os.kill(before["api"], signal.SIGKILL)
        eventually(lambda: not service.pids().items() & before.items(), within_s=60)
        count = len(accepted)
        eventually(lambda: len(accepted) > count, within_s=60)

    service.nothing_lost_nothing_twice()
    assert {service.endings()[checkout_id] for checkout_id in accepted} == {
        "CheckoutSucceeded",
        "CheckoutFailed",
    }
    assert front.stock("spur") == (0, 1)


def test_a_second_process_of_a_worker_shares_its_group(service: "RunningService") -> None:
    front = service.front
    front.receive("bottle", 10_000)
    first = service.metrics_urls()[STOCK_RESERVATION]
    counted = consumed(service, first)

    with service.another(STOCK_RESERVATION) as (process, second):
        with front.shoppers("drinker", {"bottle": 1}) as accepted:
            eventually(
                lambda: consumed(service, first) > counted and consumed(service, second) > 0, within_s=30
            )
        service.nothing_lost_nothing_twice()
        held = front.stock("bottle")[1]
        assert held >= len(accepted)  # more where an answer did not come in time
        settles(lambda: consumed(service, first) - counted + consumed(service, second), held)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_what_a_frozen_process_holds_is_taken_over_and_its_late_waking_changes_nothing(
    service: "RunningService",
) -> None:
    front = service.front
    front.receive("violin", 10_000)

    with service.another(STOCK_RESERVATION) as (process, at):
        with front.shoppers("fiddler", {"violin": 1}) as accepted:
            eventually(partial(frozen_with_work, service, STOCK_RESERVATION, at, process.pid), within_s=30)
        front.ended(accepted[-1])
        service.comes_to_rest()
        process.send_signal(signal.SIGCONT)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0

    service.nothing_lost_nothing_twice()
    free, held = front.stock("violin")
    assert free + held == 10_000
    assert held >= len(accepted)  # more where an answer did not come in time


def test_a_server_that_is_killed_comes_back_with_all_that_was_accepted(service: "RunningService") -> None:
    front, before, killed = service.front, service.pids(), service.server_pid()
    front.receive("anchor", 10_000)

    with front.shoppers("sailor", {"anchor": 1}) as accepted:
        eventually(lambda: len(accepted) > 20, within_s=30)
        os.kill(killed, signal.SIGKILL)
        if service.external:
            eventually(service.external.process.ended)
            service.external.start()
        count = len(accepted)
        eventually(lambda: len(accepted) > count + 20, within_s=60)

    service.nothing_lost_nothing_twice()
    assert {service.endings()[checkout_id] for checkout_id in accepted} == {"CheckoutSucceeded"}
    assert service.server_pid() != killed
    assert service.pids() == before


def test_stopped_amid_checkouts_and_started_again_it_finishes_what_it_accepted(
    service: "RunningService",
) -> None:
    service.front.receive("candle", 10_000)
    yesterday = service.front.checkout("pam", {"candle": 1})
    of_yesterday = service.front.ended(yesterday)

    with service.front.shoppers("monk", {"candle": 1}) as accepted:
        eventually(lambda: len(accepted) > 20, within_s=30)
        service.stop()
    service.start()

    service.nothing_lost_nothing_twice()
    assert {service.endings()[checkout_id] for checkout_id in accepted} == {"CheckoutSucceeded"}
    assert service.front.ended(yesterday) == of_yesterday
    assert service.front.orders("pam", 1)["last_checkout_id"] == yesterday


def consumed(service: "RunningService", url: str) -> int:
    return service.counters(CONSUMED, at=[url]).total()
