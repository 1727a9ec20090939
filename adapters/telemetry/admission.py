"""How full the HTTP API is, as metrics."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

IN_FLIGHT: Final = ("http_requests_in_flight", "Requests that are worked on now")
WAITING: Final = ("http_requests_waiting", "Requests that wait their turn")
SHED: Final = ("http_requests_shed", "Requests answered 503 because there were too many")


class Gate(Protocol):
    """What is shown of a gate."""

    inside: int
    refused: int
    on_refused: Callable[[], None] | None

    @property
    def waiting(self) -> int: ...


class AdmissionFigures(Collector):
    """Reads the gates, by their names, when the page is read: counting costs a request nothing."""

    def __init__(self, gates: Mapping[str, Gate]) -> None:
        self._gates = gates

    def collect(self) -> Iterable[Metric]:
        """The figures of now."""
        inside = GaugeMetricFamily(*IN_FLIGHT, labels=["gate"])
        waiting = GaugeMetricFamily(*WAITING, labels=["gate"])
        shed = CounterMetricFamily(*SHED, labels=["gate"])
        for name, gate in self._gates.items():
            inside.add_metric([name], gate.inside)
            waiting.add_metric([name], gate.waiting)
            shed.add_metric([name], gate.refused)
        return (inside, waiting, shed)
