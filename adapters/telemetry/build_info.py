"""Which version runs, as a metric."""

import platform
from collections.abc import Iterable
from functools import cache
from importlib import metadata

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector


class BuildInfo(Collector):
    """Looked up when the page is read for the first time, to keep it out of the start."""

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """The name."""
        return (GaugeMetricFamily("comptoir_build_info", "1, with what runs", labels=("version", "python")),)

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Always the same."""
        (info,) = self.describe()
        info.add_metric([_version(), platform.python_version()], 1)
        return (info,)


@cache
def _version() -> str:
    try:
        return metadata.version("comptoir")
    except metadata.PackageNotFoundError:
        return "not installed"
