"""Prometheus histograms, and one that takes a batch of values at a time."""

from abc import abstractmethod
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate
from threading import Lock

from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

_Labels = tuple[str, ...]


class Observing(Collector):
    """A histogram, wherever it keeps what it counts."""

    @abstractmethod
    def observe(self, labels: tuple[str, ...], values: Sequence[float]) -> None:
        """Count these; what is below zero, such as an age by clocks that differ, counts as zero."""

    @abstractmethod
    def observe_one(self, labels: tuple[str, ...], value: float) -> None:
        """Count one that is not below zero."""


class BatchHistogram(Observing):
    """Counts values in plain lists, one lock a batch: the client's own histogram takes several a value.

    `buckets` are the upper bounds, ascending and inclusive; the one to infinity is added.
    """

    def __init__(
        self, name: str, documentation: str, labels: Sequence[str], buckets: Sequence[float]
    ) -> None:
        self._name = name
        self._documentation = documentation
        self._labels = tuple(labels)
        self._bounds = tuple(map(float, buckets))
        self._counts: dict[_Labels, list[int]] = {}
        self._sums: dict[_Labels, float] = {}
        self._lock = Lock()

    def observe(self, labels: _Labels, values: Sequence[float]) -> None:
        """Count these; what is below zero, such as an age by clocks that differ, counts as zero."""
        bounds = self._bounds
        total = sum(value for value in values if value > 0)
        with self._lock:
            counts = self._counts.setdefault(labels, [0] * (len(bounds) + 1))
            for value in values:
                counts[bisect_left(bounds, value)] += 1
            self._sums[labels] = self._sums.get(labels, 0.0) + total

    def observe_one(self, labels: _Labels, value: float) -> None:
        """Count one that is not below zero, for less than a batch of one costs."""
        place = bisect_left(self._bounds, value)
        with self._lock:
            counts = self._counts.get(labels)
            if counts is None:
                counts = self._counts[labels] = [0] * (len(self._bounds) + 1)
                self._sums[labels] = 0.0
            counts[place] += 1
            self._sums[labels] += value

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """What was counted so far."""
        (family,) = self.describe()
        with self._lock:
            counted = [(labels, list(counts), self._sums[labels]) for labels, counts in self._counts.items()]
        bounds = [*map(str, self._bounds), "+Inf"]
        for labels, counts, summed in counted:
            family.add_metric(labels, list(zip(bounds, accumulate(counts), strict=True)), summed)
        yield family

    def describe(self) -> list[HistogramMetricFamily]:
        """The name, so that the registry notices a second one."""
        return [HistogramMetricFamily(self._name, self._documentation, labels=self._labels)]
