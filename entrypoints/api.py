"""The HTTP API as a process: `comptoir api`."""

import os

import attrs
from dependency_injector import providers
from flask import Flask
from granian.constants import Interfaces
from granian.server import Server
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from adapters.http.app import HttpLimits, Services, create_app
from adapters.telemetry.logging import configure_logging
from entrypoints.container import Container
from entrypoints.server_check import log_server_warnings
from entrypoints.settings import Settings


def serve(settings: Settings) -> int:
    """Answer HTTP until SIGTERM or SIGINT; requests at hand are finished first. The exit code."""
    configure_logging(settings.log_level, settings.log_format)
    os.environ.update(settings.as_environment())  # its processes read their settings from there
    server = Server(
        "entrypoints.api:application",
        factory=True,
        interface=Interfaces.WSGI,
        address=settings.host,
        port=settings.port,
        workers=settings.api_processes,
        blocking_threads=settings.api_threads,
        workers_kill_timeout=max(1, int(settings.shutdown_grace_s)),
        respawn_failed_workers=True,
        log_enabled=False,
        websockets=False,
    )
    server.serve()
    return 0


def application() -> Flask:
    """The application of one API process, made from the environment."""
    settings = Settings.from_environment(os.environ)
    configure_logging(settings.log_level, settings.log_format)
    patience = attrs.evolve(settings, socket_timeout_ms=settings.api_timeout_ms, block_ms=1)
    log_server_warnings(patience)
    return application_of(Container(settings=patience, role=providers.Object("api")))


def application_of(container: Container) -> Flask:
    """The application on what the container holds."""
    limits = HttpLimits(body_max_bytes=container.settings().body_max_bytes)
    return create_app(services_of(container), limits)


def services_of(container: Container) -> Services:
    """What the routes call, on what the container holds."""
    return Services(
        starter=container.starter(),
        receiver=container.receiver(),
        replayer=container.replayer(),
        lister=container.lister(),
        orders=container.orders(),
        stock=container.stock(),
        checkout_desk=container.checkout_desk(),
        stuck_finder=container.stuck_finder(),
        dead_letter_desk=container.dead_letter_desk(),
        deadlines=container.deadlines(),
        clock=container.clock(),
        readiness=container.readiness().problems,
        metrics=lambda: _page(container.registry()),
    )


def _page(registry: CollectorRegistry) -> tuple[bytes, str]:
    return generate_latest(registry), CONTENT_TYPE_LATEST
