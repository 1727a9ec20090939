"""Which version runs, as a metric."""

import platform
from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from adapters.version import our_version


class BuildInfo(Collector):
    """Looked up when the page is read for the first time, to keep it out of the start."""

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """The name."""
        return (GaugeMetricFamily("comptoir_build_info", "1, with what runs", labels=("version", "python")),)

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Always the same."""
        (info,) = self.describe()
        info.add_metric([our_version(), platform.python_version()], 1)
        return (info,)
