"""One worker as a process: `comptoir worker NAME`."""

from difflib import get_close_matches

import structlog
from dependency_injector import providers

from adapters.telemetry.logging import configure_logging
from adapters.telemetry.metrics_server import serve_metrics
from application.worker.loop import Worker
from domain.checkout.saga import AWAITED, DEADLINE, STEPS
from entrypoints.commands.connection import with_a_server
from entrypoints.commands.endings import Ended
from entrypoints.exit_codes import ExitCode
from entrypoints.garbage import settle
from entrypoints.giving_way import give_way
from entrypoints.server_check import log_server_warnings
from entrypoints.settings import Settings
from entrypoints.settings_doubted import log_doubts
from entrypoints.start_refused import StartRefused
from entrypoints.stop_signals import stop_event
from entrypoints.watchdog import Watchdog, guard
from entrypoints.wiring.tracing import check_traces
from entrypoints.wiring.workers import Workers, worker_of


def run_worker(settings: Settings, name: str, *, alone: bool = True) -> int:
    """Run the worker `name` until SIGTERM or SIGINT; the batch at hand is finished first. Its exit code.
    `alone`: no supervisor has told what is to be doubted of the settings.

    Raises:
        Ended: there is no such worker, or no server is known.
        StartRefused: the port of its metrics cannot be had, or what TRACES=on needs is not installed.
    """
    _check(name)
    check_traces(settings)
    settings = with_a_server(settings)
    configure_logging(settings.log_level, settings.log_format, process=name)
    container = Workers(settings=settings, role=providers.Object(name))
    port = settings.metrics_port_of(name)
    try:
        metrics = serve_metrics(container.registry(), settings.metrics_host, port)
    except OSError as error:
        raise StartRefused(f"METRICS_PORT {port}: {error.strerror}") from None
    if alone:
        log_doubts(settings)
    log_server_warnings(settings)
    if name == DEADLINE:  # it keeps the register of what is open
        container.registry().register(container.open_checkout_gauges())
        container.registry().register(container.dead_letter_gauges())
        container.registry().register(container.doubt_gauges())
    watchdog = Watchdog(settings.watchdog_s)
    worker = worker_of(container, name, on_poll=watchdog.feed, listening=True)
    settle()
    give_way(0 if name in AWAITED else settings.onlookers_niceness)
    log = structlog.get_logger()
    log.info("process started", group=worker.subscription.group, consumer=worker.subscription.consumer)
    run_until_signalled(worker, watchdog)
    log.info("process stopped")
    metrics.close()
    if settings.traces == "on":
        container.traces().close()
    container.redis().close()
    return 0


def run_until_signalled(worker: Worker, watchdog: Watchdog | None = None) -> None:
    """Run in the main thread; SIGTERM or SIGINT ends it after the batch at hand, `watchdog` at once."""
    stop = stop_event()
    if watchdog:
        guard(watchdog, stop)
    worker.run(stop.is_set, stop.wait)


def _check(name: str) -> None:
    if name not in STEPS:
        near = get_close_matches(name, STEPS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(STEPS)}"
        raise Ended(ExitCode.USAGE, f"there is no worker {name}; {hint}")
