"""How long the oldest dead letter of each group has waited for somebody to decide, as a metric."""

from collections.abc import Iterable

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from adapters.telemetry.told_errors import told
from application.events.streams import CHECKOUTS
from application.ports.clock import Clock
from application.ports.dead_letters import DeadLetterReader, Wanted
from application.ports.errors import Unavailable
from domain.checkout.saga import SAGA


class DeadLetterGauges(Collector):
    """Asks when the page is read, for `read_max` open dead letters, the oldest first. What cannot be had is
    left out: the page itself never fails."""

    def __init__(self, dead_letters: DeadLetterReader, clock: Clock, read_max: int = 1_000) -> None:
        self._read_max = read_max
        self._dead_letters = dead_letters
        self._clock = clock

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """The name, without asking anybody."""
        return (
            GaugeMetricFamily(
                "group_oldest_dead_letter_seconds",
                "How long the oldest dead letter has waited for an operator; 0 where there is none",
                labels=("topic", "group"),
            ),
        )

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """The figures of now."""
        (oldest,) = self.describe()
        try:
            waiting, _ = self._dead_letters.page(CHECKOUTS, Wanted(), count=self._read_max)
        except Unavailable as error:
            structlog.get_logger().warning("dead letters cannot be counted", error=told(error))
        else:
            now_s = self._clock.now_s()
            since_s = {kept.group: kept.set_aside_at_s for kept in reversed(waiting)}
            for step in SAGA:
                age_s = max(0.0, now_s - since_s.get(step.group, now_s))
                oldest.add_metric([CHECKOUTS, step.group], age_s)
        return (oldest,)
