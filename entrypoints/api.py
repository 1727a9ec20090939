"""The HTTP API as a process: `comptoir api`."""

import os
from functools import partial
from multiprocessing.util import Finalize
from typing import Final

import attrs
import structlog
from dependency_injector import providers
from flask import Flask
from granian.constants import HTTPModes, Interfaces
from granian.server import Server
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from adapters.http.app import Services, create_app
from adapters.http.door.admission import PROBES_AT_ONCE
from adapters.http.frame import Frame
from adapters.http.limits import HttpLimits
from adapters.telemetry.logging import configure_logging
from adapters.telemetry.requests import REQUESTS
from entrypoints.figures import count_together, kept_for
from entrypoints.front_door import door_of, key_ring
from entrypoints.garbage import settle
from entrypoints.heart import keep_beating
from entrypoints.open_files import allow_open_files
from entrypoints.server_check import log_server_warnings
from entrypoints.settings import Settings
from entrypoints.settings_doubted import log_doubts
from entrypoints.when_stopped import when_stopped
from entrypoints.wiring.desks import Desks
from entrypoints.wiring.tracing import around_requests, check_traces

SPARE_THREADS: Final = 4
"""Threads of which none ever waits: they answer /livez, and turn away what is too much."""

FILES_BESIDE: Final = 128
"""Open files that are no caller's connection and no thread's to the store."""


def serve(
    settings: Settings,
    role: str = "api",
    application: str = "entrypoints.api:application",
    *,
    alone: bool = True,
) -> int:
    """Answer HTTP until SIGTERM or SIGINT; requests at hand are finished first. The exit code. `application`:
    what makes the application of each process, as `module:name`. `alone`: see `run_worker`."""
    configure_logging(settings.log_level, settings.log_format, process=role)
    key_ring(settings)  # refuses here, in one line, what each process would refuse
    check_traces(settings)
    if alone:
        log_doubts(settings)
    os.environ.update(settings.as_environment())  # its processes read their settings from there
    server = Server(
        application,
        factory=True,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,  # a request to a connection, so that whoever bounds these bounds those
        address=settings.host,
        port=settings.port,
        workers=settings.api_processes,
        backlog=settings.api_backlog_max,
        backpressure=_connections_max(settings),
        blocking_threads=_threads(settings),
        workers_kill_timeout=max(1, int(settings.shutdown_grace_s)),
        respawn_failed_workers=True,
        log_enabled=False,
        websockets=False,
    )
    settle()
    log = structlog.get_logger()
    log.info("process started", host=settings.host, port=settings.port)
    with kept_for(settings.api_processes):
        server.serve()
    log.info("process stopped")
    return 0


def application() -> Flask:
    """The application of one API process, made from the environment."""
    container = made_from_environment("api")
    made = application_of(container)
    keep_beating(container.heartbeats(), every_s=container.settings().heartbeat_s)
    settle()
    return made


def made_from_environment(role: str) -> Desks:
    """A container for one process that answers HTTP, with logging and the server looked after."""
    settings = Settings.from_environment(os.environ)
    configure_logging(settings.log_level, settings.log_format, process=role)
    patience = attrs.evolve(settings, socket_timeout_ms=settings.api_timeout_ms, block_ms=1)
    log_server_warnings(patience)
    container = Desks(settings=patience, role=providers.Object(role))
    if settings.api_processes > 1:
        count_together(container)
    if settings.traces == "on":
        Finalize(None, container.traces().close, exitpriority=0)  # Granian's processes know no atexit
    when_stopped(container.live().close)
    return container


def application_of(container: Desks) -> Flask:
    """The application on what the container holds."""
    frame, gate_figures = frame_of(container)
    metrics = partial(page_of, container.registry(), gate_figures)
    return create_app(attrs.evolve(services_of(container), metrics=metrics), frame)


def frame_of(container: Desks) -> tuple[Frame, CollectorRegistry]:
    """What holds around the routes of a process, and the figures of its gates and requests."""
    settings, counting = container.settings(), container.counting()
    limits = HttpLimits(
        body_max_bytes=settings.body_max_bytes,
        page_max=settings.page_max,
        at_once_max=settings.api_threads,
        queue_max=settings.api_queue_max,
        queue_wait_ms=settings.api_queue_wait_ms,
        retry_after_s=settings.api_retry_after_s,
        waiters_max=settings.waiters_max,
        prefer_wait_max_s=settings.prefer_wait_max_s,
        read_wait_max_ms=settings.read_wait_max_ms,
        followers_max=settings.followers_max,
        heartbeat_s=settings.sse_heartbeat_s,
        write_timeout_s=settings.sse_write_timeout_s,
    )
    requests = counting.histogram(*REQUESTS)
    frame = Frame(
        limits=limits,
        trusted_proxies=settings.trusted_proxies,
        door=door_of(settings),
        count=requests.observe_one,
        traced=around_requests(container.traces()) if settings.traces == "on" else None,
    )
    registry = CollectorRegistry()
    registry.register(requests)
    registry.register(counting.admission(attrs.asdict(frame.gates, recurse=False)))
    return frame, registry


def services_of(container: Desks) -> Services:
    """What the routes call, on what the container holds."""
    return Services(
        starter=container.starter(),
        receiver=container.receiver(),
        replayer=container.replayer(),
        explainer=container.explainer(),
        lister=container.lister(),
        orders=container.orders(),
        stock=container.stock(),
        live=container.live(),
        checkout_desk=container.checkout_desk(),
        stuck_finder=container.stuck_finder(),
        dead_letter_desk=container.dead_letter_desk(),
        call_desk=container.call_desk(),
        deadlines=container.deadlines(),
        clock=container.clock(),
        readiness=container.readiness().problems,
        metrics=partial(page_of, container.registry()),
        cloud_events=container.cloud_events(),
    )


def page_of(*registries: CollectorRegistry) -> tuple[bytes, str]:
    """The figures of these, as Prometheus reads them, and their content type."""
    return b"".join(map(generate_latest, registries)), CONTENT_TYPE_LATEST


def _threads(settings: Settings) -> int:
    working = settings.api_threads + settings.api_queue_max + PROBES_AT_ONCE + SPARE_THREADS
    return working + settings.waiters_max + settings.followers_max  # who waits or follows keeps a thread


def _connections_max(settings: Settings) -> int:
    """The connections of one process: with no file left to take one, Granian would spin."""
    beside = _threads(settings) + FILES_BESIDE
    possible = allow_open_files(settings.api_connections_max + beside) - beside
    if possible < settings.api_connections_max:
        structlog.get_logger(__name__).warning(
            "open files limit connections", connections=possible, wanted=settings.api_connections_max
        )
    return max(possible, 1)
