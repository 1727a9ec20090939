"""What the Prometheus client tells of a process, for a parent and its children taken as one."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from prometheus_client import ProcessCollector
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

START: Final = "process_start_time_seconds"
CPU: Final = "process_cpu_seconds"
CHILDREN_USER: Final = 13
"""Place of the time of children that have ended, user and then system, in /proc/PID/stat after the name."""


class Processes(Collector):
    """Their sums; the start is the parent's. The time of children that have ended is kept."""

    def __init__(self, parent: Callable[[], int], children: Callable[[], Sequence[int]]) -> None:
        self._parent: Final = parent
        self._children: Final = children

    def describe(self) -> Iterable[Metric]:
        """Nothing: what there is to tell differs from system to system."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """The figures of now."""
        parent = self._parent()
        summed = {family.name: family for family in _told_of(parent)}
        for family in (family for child in self._children() for family in _told_of(child)):
            if family.name in summed and family.name != START:
                _add(summed[family.name], family.samples[0].value)
        if CPU in summed:
            _add(summed[CPU], _ended_children_s(parent))
        return summed.values()


def _told_of(pid: int) -> Iterable[Metric]:
    return ProcessCollector(pid=lambda: pid, registry=None).collect()


def _add(family: Metric, more: float) -> None:
    (sample,) = family.samples
    family.samples = [sample._replace(value=sample.value + more)]


def _ended_children_s(pid: int) -> float:
    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = sum(map(int, told[CHILDREN_USER : CHILDREN_USER + 2]))
    return ticks / os.sysconf("SC_CLK_TCK")
