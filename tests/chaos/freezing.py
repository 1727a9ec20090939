"""A process that stands still with work in hand, for longer than others leave it its work."""

import os
import signal
from functools import partial
from typing import Final

import httpx

from application.ports.errors import Unavailable
from tests.instance import RunningService
from tests.waiting import awaited, eventually

PATIENCE_S: Final = 60.0
STANDING_STILL_S: Final = 0.5
"""Who stands still is still handed what it had asked for."""


def freeze(service: RunningService, worker: str) -> int:
    """A second process of `worker` is stopped with deliveries in hand until all of them were taken over,
    goes on where it was and to more than that, and is killed. How many deliveries it had."""
    with service.another(worker) as (process, url):
        eventually(partial(_frozen_with_work, service, worker, url, process.pid), PATIENCE_S)
        held = _in_hand(service, worker, url) or 0
        eventually(lambda: _in_hand(service, worker, url) == 0, PATIENCE_S)
        os.kill(process.pid, signal.SIGCONT)
        handled = eventually(lambda: _handled(service, url), PATIENCE_S)
        eventually(lambda: (_handled(service, url) or 0) > handled, PATIENCE_S)
        return held


def _frozen_with_work(service: RunningService, worker: str, url: str, pid: int) -> bool:
    """Whether the process now stands still with deliveries in hand; it goes on if it had none."""
    os.kill(pid, signal.SIGSTOP)
    if awaited(lambda: _in_hand(service, worker, url), STANDING_STILL_S):
        return True
    os.kill(pid, signal.SIGCONT)
    awaited(lambda: _in_hand(service, worker, url), STANDING_STILL_S)  # where to stop it next
    return False


def _in_hand(service: RunningService, worker: str, url: str) -> int | None:
    try:
        return service.in_hand(worker, url)
    except Unavailable:
        return None


def _handled(service: RunningService, url: str) -> int | None:
    try:
        return service.counters("events_consumed_total", at=[url]).total()
    except httpx.TransportError:
        return None
