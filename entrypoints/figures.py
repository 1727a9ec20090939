"""The figures of several API processes, which any of them shows (docs/metrics.md)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Final

from dependency_injector import providers
from prometheus_client import CollectorRegistry

from adapters.telemetry.build_info import BuildInfo
from adapters.telemetry.metrics import Metrics
from adapters.telemetry.server import ServerGauges
from entrypoints.wiring.ports import Ports

DIRECTORY: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Where the Prometheus client looks for it."""


@contextmanager
def kept_for(processes: int) -> Iterator[None]:
    """A place for the figures of the `processes` that are started meanwhile; none where there is but one."""
    if processes == 1:
        yield
        return
    with TemporaryDirectory(prefix="comptoir-figures-") as directory:
        os.environ[DIRECTORY] = directory
        yield


def count_together(container: Ports) -> None:
    """Have this process count with the others of its parent, and show what all have counted."""
    from adapters.telemetry.counting_together import CountingTogether  # that most need not

    counting = CountingTogether(os.environ[DIRECTORY])
    server = ServerGauges(lambda: container.redis_readiness().condition())
    container.counting.override(providers.Object(counting))
    container.metrics.override(providers.Singleton(Metrics, CollectorRegistry(), counting))
    container.registry.override(providers.Object(counting.page(BuildInfo(), server)))
