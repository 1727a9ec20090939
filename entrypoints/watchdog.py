"""Ends a process that no longer does its work, so that whoever keeps it running starts it afresh."""

import faulthandler
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

import structlog

from entrypoints.exit_codes import ExitCode

CHECK_EVERY_S: Final = 1.0
ASLEEP_S: Final = 5.0
"""No check for so long: the whole process stood still (a suspended machine), and is not to blame."""


class Watchdog:
    """Patient for `patience_s` after it was last fed. `now_s` must never jump: no wall clock."""

    def __init__(self, patience_s: float, now_s: Callable[[], float] = time.monotonic) -> None:
        self._patience_s = patience_s
        self._now_s = now_s
        self._fed_s = self._checked_s = now_s()

    def feed(self) -> None:
        """There is a sign of life."""
        self._fed_s = self._now_s()

    def is_starved(self) -> bool:
        """Whether its patience is at an end. To be asked every `CHECK_EVERY_S`."""
        now_s = self._now_s()
        if now_s - self._checked_s > ASLEEP_S:
            self._fed_s = now_s
        self._checked_s = now_s
        return now_s - self._fed_s > self._patience_s


def guard(
    watchdog: Watchdog, stop: threading.Event, end: Callable[[int], object] = os._exit
) -> threading.Thread:
    """Check in a thread of its own until `stop`; the first starved check ends the process, with what
    every thread was doing on stderr. The thread, running."""

    def check() -> None:
        while not stop.wait(CHECK_EVERY_S):
            if watchdog.is_starved():
                structlog.get_logger().critical("the worker has had no answer for too long: it ends itself")
                faulthandler.dump_traceback(sys.__stderr__ or 2)
                end(ExitCode.BUG)
                return

    thread = threading.Thread(target=check, daemon=True, name="watchdog")
    thread.start()
    return thread
