"""Whether the promise of durability holds, as metrics."""

from collections.abc import Callable, Iterable
from typing import Protocol

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector


class Condition(Protocol):
    """What is shown of a server's condition."""

    @property
    def promise_kept(self) -> bool:
        """Whether what is appended now will be as durable as the settings say."""

    @property
    def replicas_in_sync(self) -> int:
        """How many replicas have what the server has."""


class DurabilityGauges(Collector):
    """Asks when the page is read, so that a process that does nothing else still tells the truth."""

    def __init__(self, condition: Callable[[], Condition]) -> None:
        self._condition = condition

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """The names, without asking the server."""
        return (
            GaugeMetricFamily(
                "durability_promise_kept",
                "1 while what is appended is as durable as the settings say, else 0",
            ),
            GaugeMetricFamily(
                "redis_replicas_in_sync", "Replicas that are connected, online and heard of lately"
            ),
        )

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """The figures of now."""
        condition = self._condition()
        kept, replicas = self.describe()
        kept.add_metric([], int(condition.promise_kept))
        replicas.add_metric([], condition.replicas_in_sync)
        return (kept, replicas)
