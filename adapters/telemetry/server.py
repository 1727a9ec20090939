"""Whether the promise of durability holds, and how the server is, as metrics."""

from collections.abc import Callable, Iterable
from typing import Final, Protocol

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

NAMES: Final = {
    "durability_promise_kept": "1 while what is appended is as durable as the settings say, else 0",
    "redis_replicas_in_sync": "Replicas that are connected, online and heard of lately",
    "redis_memory_used_bytes": "Memory that the server's data takes",
    "redis_memory_max_bytes": "Memory that it may take; 0 is all there is",
    "redis_append_only": "1 while the server keeps an append-only file, else 0",
    "redis_writes_to_disk": "1 while the server could write its last file, else 0",
}


class Condition(Protocol):
    """What is shown of a server's condition."""

    @property
    def promise_kept(self) -> bool:
        """Whether what is appended now will be as durable as the settings say."""

    @property
    def replicas_in_sync(self) -> int: ...
    @property
    def memory_used_bytes(self) -> int: ...
    @property
    def memory_max_bytes(self) -> int: ...
    @property
    def append_only(self) -> bool: ...
    @property
    def writes_to_disk(self) -> bool: ...
    @property
    def told(self) -> bool:
        """Whether the server said anything of itself."""


class ServerGauges(Collector):
    """Asks when the page is read, so that a process that does nothing else still tells the truth. What the
    server does not say is left out."""

    def __init__(self, condition: Callable[[], Condition]) -> None:
        self._condition = condition

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """The names, without asking the server."""
        return [GaugeMetricFamily(name, meaning) for name, meaning in NAMES.items()]

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """The figures of now."""
        now = self._condition()
        kept, *others = gauges = list(self.describe())
        kept.add_metric([], now.promise_kept)
        figures = (
            now.replicas_in_sync,
            now.memory_used_bytes,
            now.memory_max_bytes,
            now.append_only,
            now.writes_to_disk,
        )
        for gauge, figure in zip(others, figures, strict=True):
            if now.told:
                gauge.add_metric([], figure)
        return gauges
