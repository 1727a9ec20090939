"""Waiting for what happens in another process: asking again until a deadline, never a fixed sleep."""

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


def awaited(condition: Callable[[], Answer | None], within_s: float, every_s: float = 0.01) -> Answer | None:
    """The first true answer of `condition`, or the last one given within `within_s` seconds."""
    deadline_s = time.monotonic() + within_s
    while not (answer := condition()) and time.monotonic() <= deadline_s:
        time.sleep(every_s)
    return answer


def eventually(condition: Callable[[], Answer | None], within_s: float = 10.0) -> Answer:
    """The first true answer of `condition`, or a failure after `within_s` seconds."""
    if answer := awaited(condition, within_s):
        return answer
    raise AssertionError(f"still {answer!r} after {within_s:g} s")
