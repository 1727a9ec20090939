"""Doing several things at once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

Answer = TypeVar("Answer")

PATIENCE_S = 20.0


def at_once(calls: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """What each of `calls` answers, all of them let loose together, each in a thread of its own."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Answer]) -> Answer:
        start.wait(PATIENCE_S)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        running = [pool.submit(run, call) for call in calls]
        return [future.result(PATIENCE_S) for future in running]
