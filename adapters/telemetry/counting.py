"""How the figures of an API process are counted: alone, or together with others of its instance."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from prometheus_client.registry import Collector

from adapters.telemetry.admission import AdmissionFigures, Gate
from adapters.telemetry.batch_histogram import BatchHistogram, Observing


class Counting(Protocol):
    """Makes what counts."""

    def histogram(
        self, name: str, documentation: str, labels: Sequence[str], buckets: Sequence[float]
    ) -> Observing: ...

    def admission(self, gates: Mapping[str, Gate]) -> Collector:
        """The figures of these gates."""


class CountingAlone:
    """One process: its page shows its own figures, and to count costs least."""

    def histogram(
        self, name: str, documentation: str, labels: Sequence[str], buckets: Sequence[float]
    ) -> BatchHistogram:
        """One in memory."""
        return BatchHistogram(name, documentation, labels, buckets)

    def admission(self, gates: Mapping[str, Gate]) -> AdmissionFigures:
        """Read from the gates when the page is."""
        return AdmissionFigures(gates)
