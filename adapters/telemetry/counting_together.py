"""How several API processes count together: in files, of which whichever is asked shows the sum.

The Prometheus client's own way (its multiprocess mode): every count is in memory that is mapped to a file
before the answer leaves, so that it outlives a process that is killed.
"""

import os
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from adapters.telemetry.admission import IN_FLIGHT, SHED, WAITING, Gate
from adapters.telemetry.batch_histogram import Observing
from adapters.telemetry.processes import Processes

GATES_SHOWN_EVERY_S: Final = 1.0


class CountingTogether:
    """Make it before any metric: it changes where the client keeps their values. `directory` is the one
    that PROMETHEUS_MULTIPROC_DIR names."""

    def __init__(self, directory: str) -> None:
        self._directory: Final = Path(directory)
        values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]  # the library has no types for it

    def page(self, *collectors: Collector) -> CollectorRegistry:
        """What all have counted, and what `collectors` tell."""
        registry = CollectorRegistry()
        for collector in (_OfAll(self._directory), Processes(os.getppid, self.living), *collectors):
            registry.register(collector)
        return registry

    def living(self) -> list[int]:
        """The processes that count here now. What those that are gone had under way is forgotten."""
        return living(self._directory)

    def histogram(
        self, name: str, documentation: str, labels: Sequence[str], buckets: Sequence[float]
    ) -> "SharedHistogram":
        """One in the files."""
        return SharedHistogram(Histogram(name, documentation, labels, buckets=buckets, registry=None))

    def admission(self, gates: Mapping[str, Gate]) -> "SharedAdmission":
        """Each refusal at once; what is under way and waits every second, for nobody can be asked later."""
        shared = SharedAdmission(gates)
        threading.Thread(target=shared.keep_showing, name="gates shown", daemon=True).start()
        return shared


class _InTheFiles(Collector):
    def collect(self) -> Iterable[Metric]:
        """Nothing: it is in the files."""
        return ()


class SharedHistogram(_InTheFiles, Observing):
    """Takes values as a BatchHistogram does."""

    def __init__(self, histogram: Histogram) -> None:
        self._histogram: Final = histogram

    def observe(self, labels: tuple[str, ...], values: Sequence[float]) -> None:
        """Count these; what is below zero counts as zero."""
        for value in values:
            self.observe_one(labels, max(value, 0.0))

    def observe_one(self, labels: tuple[str, ...], value: float) -> None:
        """Count one."""
        self._histogram.labels(*labels).observe(value)


class SharedAdmission(_InTheFiles):
    """The figures of the gates of one process among several."""

    def __init__(self, gates: Mapping[str, Gate]) -> None:
        self._gates: Final = gates
        self._inside, self._waiting = (
            Gauge(name, meaning, ("gate",), registry=None, multiprocess_mode="livesum")
            for name, meaning in (IN_FLIGHT, WAITING)
        )
        shed = Counter(*SHED, ("gate",), registry=None)
        for name, gate in gates.items():
            gate.on_refused = shed.labels(name).inc
        self.show()

    def show(self) -> None:
        """Write how it is now."""
        for name, gate in self._gates.items():
            self._inside.labels(name).set(gate.inside)
            self._waiting.labels(name).set(gate.waiting)

    def keep_showing(self) -> None:
        """As long as the process lives."""
        while True:
            time.sleep(GATES_SHOWN_EVERY_S)
            self.show()


class _OfAll(Collector):
    def __init__(self, directory: Path) -> None:
        self._directory: Final = directory
        self._files: Final = MultiProcessCollector(None, str(directory))  # type: ignore[no-untyped-call]  # as above

    def collect(self) -> Iterable[Metric]:
        living(self._directory)
        found: Iterable[Metric] = self._files.collect()  # type: ignore[no-untyped-call]  # as above
        return found


def living(directory: Path) -> list[int]:
    """The processes that count in `directory`; what shows the others as living is removed."""
    pids = {int(path.stem.rpartition("_")[2]) for path in directory.glob("gauge_live*_*.db")}
    gone = {pid for pid in pids if not _lives(pid)}
    for pid in gone:
        try:
            mark_process_dead(pid, str(directory))  # type: ignore[no-untyped-call]  # as above
        except FileNotFoundError:
            continue  # another process was faster
    return sorted(pids - gone)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
