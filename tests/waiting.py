"""Waiting for what happens in another process: asking again until a deadline, never a fixed sleep."""

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


def eventually(condition: Callable[[], Answer | None], within_s: float = 10.0) -> Answer:
    """The first true answer of `condition`, or a failure after `within_s` seconds."""
    deadline_s = time.monotonic() + within_s
    while not (answer := condition()):
        if time.monotonic() > deadline_s:
            raise AssertionError(f"still {answer!r} after {within_s:g} s")
        time.sleep(0.01)
    return answer
