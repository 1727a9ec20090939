"""How long the API and a worker take from being started to answering, and the worker's processor time."""

import time
from collections.abc import Callable

from bench.effort import Effort, rounds
from bench.figures import Figure
from bench.rig import Process, Rig, stop
from domain.checkout.saga import STOCK_RESERVATION


def measure(effort: Effort) -> list[Figure]:
    """Seconds until `/readyz` says so, and until the worker's metrics answer."""
    with Rig.running() as rig:

        def start_s(start: Callable[[], Process]) -> float:
            began_s = time.perf_counter()
            process = start()
            took_s = time.perf_counter() - began_s
            stop(process)
            return took_s

        def worker_cpu_ms() -> float:
            process = rig.start_worker(STOCK_RESERVATION)
            used_ms = process.cpu_s() * 1000
            stop(process)
            return used_ms

        api, worker, cpu_ms = rounds(
            effort,
            lambda: start_s(rig.start_api),
            lambda: start_s(lambda: rig.start_worker(STOCK_RESERVATION)),
            worker_cpu_ms,
        )
    return [
        Figure(of="start-up", what="API ready", unit="s", rounds=api),
        Figure(of="start-up", what="worker ready", unit="s", rounds=worker),
        Figure(of="start-up", what="CPU of a worker until ready", unit="ms", rounds=cpu_ms),
    ]
