"""What counts values by labels."""

from abc import abstractmethod
from collections.abc import Sequence

from prometheus_client.registry import Collector


class Observing(Collector):
    """A histogram, wherever it keeps what it counts."""

    @abstractmethod
    def observe(self, labels: tuple[str, ...], values: Sequence[float]) -> None:
        """Count these; what is below zero, such as an age by clocks that differ, counts as zero."""

    @abstractmethod
    def observe_one(self, labels: tuple[str, ...], value: float) -> None:
        """Count one that is not below zero."""
