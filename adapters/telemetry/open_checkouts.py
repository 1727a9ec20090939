"""How many checkouts are open, and how long the oldest has waited on each step, as metrics."""

from collections.abc import Iterable
from typing import Final

import structlog
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from adapters.telemetry.told_errors import told
from application.ports.open_checkouts import OpenCheckouts
from application.questions.oldest_waits import OldestWaits
from domain.checkout.evolving import OPERATOR
from domain.checkout.saga import ORDER_CREATION, STOCK_COMPENSATION, STOCK_RESERVATION

STEPS_WAITED_ON: Final = (STOCK_RESERVATION, ORDER_CREATION, STOCK_COMPENSATION, OPERATOR)


class OpenCheckoutGauges(Collector):
    """Asks when the page is read, for the history of `read_max` open checkouts, the oldest first. What cannot
    be had is left out and counted: the page itself never fails."""

    def __init__(self, waits: OldestWaits, open_checkouts: OpenCheckouts, read_max: int = 500) -> None:
        self._read_max = read_max
        self._waits = waits
        self._open_checkouts = open_checkouts
        self._failures = 0

    def describe(self) -> Iterable[GaugeMetricFamily | CounterMetricFamily]:
        """The names, without asking anybody."""
        return (
            GaugeMetricFamily("open_checkouts", "Checkouts that have not ended"),
            GaugeMetricFamily(
                "open_checkout_oldest_seconds",
                "Age of the oldest open checkout that waits on the step; 0 where none does",
                labels=("step",),
            ),
            CounterMetricFamily(
                "open_checkouts_unknown", "Times that these figures could not be had and were left out"
            ),
        )

    def collect(self) -> Iterable[GaugeMetricFamily | CounterMetricFamily]:
        """The figures of now."""
        count, oldest, unknown = self.describe()
        try:
            found = self._open_checkouts.count()
            ages_s = self._waits.per_step(count=self._read_max)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other metrics must still be read
            self._failures += 1
            structlog.get_logger().warning("open checkouts cannot be counted", error=told(error))
        else:
            count.add_metric([], found)
            for step in STEPS_WAITED_ON:
                oldest.add_metric([step], ages_s.get(step, 0.0))
        unknown.add_metric([], self._failures)
        return (count, oldest, unknown)
