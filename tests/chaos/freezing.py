"""A process that stands still with work in hand, for longer than others leave it its work."""

import os
import signal
import time
from functools import partial
from typing import Final

from application.ports.errors import Unavailable
from tests.instance import RunningService
from tests.waiting import eventually

PATIENCE_S: Final = 60.0
STANDING_STILL_S: Final = 0.5
MOVING_ON_S: Final = 0.25
"""On a busy machine a process needs some time to come from where it holds nothing to where it does."""
WORKING_AGAIN_S: Final = 5.0


def freeze(service: RunningService, worker: str, claim_idle_s: float) -> int:
    """A second process of `worker` is stopped with deliveries in hand until all of them were taken over,
    goes on where it was for a while, and is killed. How many deliveries it had."""
    with service.another(worker) as (process, url):
        eventually(partial(_frozen_with_work, service, worker, url, process.pid), PATIENCE_S)
        held = _in_hand(service, worker, url) or 0
        time.sleep(claim_idle_s)
        eventually(lambda: _in_hand(service, worker, url) == 0, PATIENCE_S)
        os.kill(process.pid, signal.SIGCONT)
        time.sleep(WORKING_AGAIN_S)
        return held


def _frozen_with_work(service: RunningService, worker: str, url: str, pid: int) -> bool:
    """Whether the process now stands still with deliveries in hand; it goes on if it had none."""
    os.kill(pid, signal.SIGSTOP)
    try:
        eventually(lambda: _in_hand(service, worker, url), STANDING_STILL_S)
    except AssertionError:
        os.kill(pid, signal.SIGCONT)
        time.sleep(MOVING_ON_S)
        return False
    return True


def _in_hand(service: RunningService, worker: str, url: str) -> int | None:
    try:
        return service.in_hand(worker, url)
    except Unavailable:
        return None
