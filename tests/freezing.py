"""Processes that stand still: they live, hold what they hold, and say nothing."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

import httpx

from application.ports.errors import Unavailable
from tests.waiting import awaited

if TYPE_CHECKING:
    from tests.instance import RunningService

STANDING_STILL_S: Final = 0.5
"""Who stands still is still handed what it had asked for."""


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """A process stands still meanwhile. It may be killed, too."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def frozen_with_work(service: "RunningService", worker: str, url: str, pid: int) -> bool:
    """Whether the process of `worker` with its metrics at `url` now stands still with deliveries in hand: it
    is stopped when it is seen with some, and goes on if it was done with them by then."""
    if not deliveries_in_hand(service, worker, url):
        return False
    os.kill(pid, signal.SIGSTOP)
    if awaited(lambda: deliveries_in_hand(service, worker, url), STANDING_STILL_S):
        return True
    os.kill(pid, signal.SIGCONT)
    return False


def deliveries_in_hand(service: "RunningService", worker: str, url: str) -> int | None:
    """How many a process holds; None while that cannot be told."""
    try:
        return service.in_hand(worker, url)
    except Unavailable:
        return None


def deliveries_handled(service: "RunningService", url: str) -> int:
    """How many the process with its metrics at `url` has handled; 0 while it does not say."""
    try:
        return service.counters("events_consumed_total", at=[url]).total()
    except httpx.TransportError:
        return 0
