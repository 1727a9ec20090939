"""A log for what may come as often as requests do, and not one line more than the disk can take."""

import time
from collections.abc import Callable
from threading import Lock
from typing import Final

import structlog

LINES_PER_S_MAX: Final = 10


class BoundedLog:
    """At most `LINES_PER_S_MAX` lines a second; the next one after them says how many were left out."""

    def __init__(self, name: str, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._log: Final = structlog.get_logger(name)
        self._monotonic_s: Final = monotonic_s
        self._lock: Final = Lock()
        self._second = 0
        self._told = 0
        self._untold = 0

    def warning(self, event: str, **about: object) -> None:
        """Say it, if it is its turn."""
        untold = self._turn()
        if untold is not None:
            self._log.warning(event, **about, **({"untold": untold} if untold else {}))

    def _turn(self) -> int | None:
        """Whether there is a line for this one; how many had none before it."""
        with self._lock:
            second = int(self._monotonic_s())
            if second != self._second:
                self._second, self._told = second, 0
            if self._told >= LINES_PER_S_MAX:
                self._untold += 1
                return None
            self._told += 1
            untold, self._untold = self._untold, 0
            return untold
