"""One worker as a process: `comptoir worker NAME`."""

import signal
import sys
import threading
from types import FrameType

from dependency_injector import providers

from adapters.telemetry.logging import configure_logging
from adapters.telemetry.metrics_server import serve_metrics
from application.worker import Worker
from domain.checkout.saga import DEADLINE
from entrypoints.container import Container, worker_of
from entrypoints.server_check import log_server_warnings
from entrypoints.settings import Settings
from entrypoints.start_refused import EXIT_CODE
from entrypoints.watchdog import Watchdog, guard


def run_worker(settings: Settings, name: str) -> int:
    """Run the worker `name` until SIGTERM or SIGINT; the batch at hand is finished first. Its exit code."""
    configure_logging(settings.log_level, settings.log_format)
    container = Container(settings=settings, role=providers.Object(name))
    port = settings.metrics_port_of(name)
    try:
        metrics = serve_metrics(container.registry(), settings.metrics_host, port)
    except OSError as error:
        print(f"comptoir: METRICS_PORT {port}: {error.strerror}", file=sys.stderr)  # noqa: T201 - a refusal
        return EXIT_CODE
    log_server_warnings(settings)
    if name == DEADLINE:  # it keeps the register of what is open
        container.registry().register(container.open_checkout_gauges())
    watchdog = Watchdog(settings.watchdog_s)
    run_until_signalled(worker_of(container, name, on_poll=watchdog.feed), watchdog)
    metrics.close()
    container.redis().close()
    return 0


def run_until_signalled(worker: Worker, watchdog: Watchdog | None = None) -> None:
    """Run in the main thread; SIGTERM or SIGINT ends it after the batch at hand, `watchdog` at once."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    if watchdog:
        guard(watchdog, stop)
    worker.run(stop.is_set, stop.wait)
