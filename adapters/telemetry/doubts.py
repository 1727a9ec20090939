"""How many checkouts have a call in doubt, and for how long the oldest has waited, as metrics."""

from collections.abc import Iterable

import structlog
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from adapters.telemetry.told_errors import told
from application.ports.clock import Clock
from application.ports.open_checkouts import OpenCheckouts


class DoubtGauges(Collector):
    """Asks when the page is read. What cannot be had is left out and counted: the page itself never fails."""

    def __init__(self, doubts: OpenCheckouts, clock: Clock) -> None:
        self._doubts = doubts
        self._clock = clock
        self._failures = 0

    def describe(self) -> Iterable[GaugeMetricFamily | CounterMetricFamily]:
        """The names, without asking anybody."""
        return (
            GaugeMetricFamily("checkouts_in_doubt", "Checkouts with a call that a person must decide about"),
            GaugeMetricFamily(
                "checkouts_in_doubt_oldest_seconds",
                "How long the oldest of them has waited; 0 where none does",
            ),
            CounterMetricFamily(
                "checkouts_in_doubt_unknown", "Times that these figures could not be had and were left out"
            ),
        )

    def collect(self) -> Iterable[GaugeMetricFamily | CounterMetricFamily]:
        """The figures of now."""
        count, oldest, unknown = self.describe()
        try:
            found = self._doubts.count()
            first = self._doubts.oldest(count=1)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other metrics must still be read
            self._failures += 1
            structlog.get_logger().warning("calls in doubt cannot be counted", error=told(error))
        else:
            count.add_metric([], found)
            oldest.add_metric([], max(0.0, self._clock.now_s() - first[0][1]) if first else 0.0)
        unknown.add_metric([], self._failures)
        return (count, oldest, unknown)
