"""A long backlog: everything queued while all workers stand still, then drained.

Shows that a worker's memory depends on its batches and not on what is before or behind it, and that the last
checkouts of a long drain are as quick as the first.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import attrs

from application.events.streams import CHECKOUTS
from bench.effort import Effort
from bench.figures import Figure, Goal
from bench.rig import Process, Rig, frozen, wait_until
from bench.saga_drain import EVENTS_PER_CHECKOUT, WARM_UP, drain, idle
from bench.shop import Shoppers, append_all, stock_up

CHECKOUTS_FULL: Final = 250_000
"""Four events each: a million."""

GROWTH_MAX_MB: Final = 32
FILL_CHUNK: Final = 10_000
STOCK_ROUNDS: Final = 3
DRAIN_TIMEOUT_S: Final = 3_600.0
LOOK_EVERY_S: Final = 0.25
TENTHS: Final = 10


def measure(effort: Effort) -> list[Figure]:
    """Checkouts a second, and each worker's memory, from the first tenth to the last."""
    count = CHECKOUTS_FULL if effort.full else effort.count(2_000, least=4_000, most=CHECKOUTS_FULL)
    with Rig.running() as rig:
        stock_up(rig.container.receiver(), STOCK_ROUNDS)
        workers, shoppers = rig.start_workers(), Shoppers()
        drain(rig, workers, shoppers, WARM_UP)
        with frozen(workers):
            for first in range(0, count, FILL_CHUNK):
                starts = shoppers.transactions(min(FILL_CHUNK, count - first))
                append_all(rig.container.bare_event_store(), starts)
            began_with = rig.client.xlen(CHECKOUTS)
        with _watched(workers) as memory:
            marks_s = _drain_by_tenths(rig, began_with, count)
    return _figures(count, marks_s, memory)


def _drain_by_tenths(rig: Rig, began_with: int, count: int) -> list[float]:
    """When each tenth of the checkouts had ended, from the beginning on."""
    to_come = (EVENTS_PER_CHECKOUT - 1) * count
    marks_s = [time.perf_counter()]
    for tenth in range(1, TENTHS + 1):
        _wait_for_events(rig, began_with + to_come * tenth // TENTHS)
        marks_s.append(time.perf_counter())
    wait_until(lambda: idle(rig), DRAIN_TIMEOUT_S)
    return marks_s


def _wait_for_events(rig: Rig, count: int) -> None:
    wait_until(lambda: rig.client.xlen(CHECKOUTS) >= count, DRAIN_TIMEOUT_S)


@attrs.define
class Memory:
    """What one worker has resident, in MB: when the drain began, and the most it came to."""

    at_first_mb: float
    most_mb: float

    def note(self, resident_mb: float) -> None:
        """Take one look into account."""
        self.most_mb = max(self.most_mb, resident_mb)


@contextmanager
def _watched(workers: Sequence[Process]) -> Iterator[dict[str, Memory]]:
    """Each worker's memory, looked at again and again during the block."""
    memory = {worker.name: Memory(worker.memory_mb(), worker.memory_mb()) for worker in workers}
    over = threading.Event()

    def look() -> None:
        while not over.wait(LOOK_EVERY_S):
            for worker in workers:
                memory[worker.name].note(worker.memory_mb())

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield memory
    finally:
        over.set()
        looking.join()


def _figures(count: int, marks_s: Sequence[float], memory: dict[str, Memory]) -> list[Figure]:
    def figure(what: str, unit: str, value: float, goal: Goal | None = None) -> Figure:
        return Figure(of=f"backlog of {count:,} checkouts", what=what, unit=unit, rounds=(value,), goal=goal)

    tenth = count / TENTHS
    grown = Goal("<=", GROWTH_MAX_MB)
    return [
        figure("drained", "checkouts/s", count / (marks_s[-1] - marks_s[0])),
        figure("first tenth", "checkouts/s", tenth / (marks_s[1] - marks_s[0])),
        figure("last tenth", "checkouts/s", tenth / (marks_s[-1] - marks_s[-2])),
        *(figure(f"memory of {name}", "MB", of.most_mb) for name, of in memory.items()),
        *(
            figure(f"growth of {name}", "MB", of.most_mb - of.at_first_mb, grown)
            for name, of in memory.items()
        ),
    ]
