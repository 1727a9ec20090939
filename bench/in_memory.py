"""The same service without a server, in one process; and the unit tests that this makes possible."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from dependency_injector import providers

from adapters.telemetry.logging import configure_logging
from application.events.streams import CHECKOUTS
from bench.effort import Effort
from bench.figures import Figure, Goal
from bench.rig import ALL_WORKERS
from bench.shop import Shoppers, append_all, stock_up
from domain.checkout.events import CheckoutSucceeded
from entrypoints.container import Container, worker_of
from entrypoints.settings import Settings

COUNT_MAX: Final = 50_000
TURNS_MAX: Final = 10_000
SUITE_TIMEOUT_S: Final = 120.0
ROOT: Final = Path(__file__).parents[1]
ALONE: Final = (sys.executable, "-m", "pytest", "-q", "tests/unit")
HALVES: Final = ("make", "-j2", "unit-halves", f"BIN={Path(sys.executable).parent}")
"""What `make unit` does once everything is installed."""


def measure(effort: Effort) -> list[Figure]:
    """Sagas a second with all seven workers taking turns, and seconds of the unit suite."""
    count = effort.count(800, least=200, most=COUNT_MAX)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        configure_logging("info", "json", nowhere)  # notices to clients are log lines
        sagas = tuple(_sagas_per_s(count) for _ in range(effort.rounds))
    return [
        Figure(of="in memory", what="whole sagas, one process", unit="checkouts/s", rounds=sagas),
        Figure(of="in memory", what="unit suite", unit="s", rounds=(_s(ALONE),), goal=Goal("<=", 10)),
        Figure(of="in memory", what="unit suite, make unit", unit="s", rounds=(_s(HALVES),)),
    ]


def _sagas_per_s(count: int) -> float:
    container = Container(settings=Settings(block_ms=1), backend=providers.Object("memory"))
    stock_up(container.receiver())
    workers = [worker_of(container, name) for name in ALL_WORKERS]
    append_all(container.event_store(), Shoppers().transactions(count))
    began_s = time.perf_counter()
    for _ in range(TURNS_MAX):
        if not sum(worker.turn() for worker in workers):
            break
    took_s = time.perf_counter() - began_s
    ends = container.lister().page(CHECKOUTS, count=1, newest_first=True, type=CheckoutSucceeded.__name__)
    assert ends is not None
    assert ends.entries, "no saga came to its end"
    return count / took_s


def _s(suite: Sequence[str]) -> float:
    """With the interpreter's start and the collecting. Whether it passes is for `make test` to say."""
    began_s = time.perf_counter()
    subprocess.run(suite, cwd=ROOT, capture_output=True, check=False, timeout=SUITE_TIMEOUT_S)
    return time.perf_counter() - began_s
