"""The whole service under one roof: what `comptoir up` does."""

import os
import sys
from contextlib import ExitStack
from pathlib import Path

import attrs

from entrypoints import start_refused
from entrypoints.front_door import key_ring
from entrypoints.probes import http_url
from entrypoints.server_check import check_server
from entrypoints.settings import Settings
from entrypoints.settings_doubted import doubts
from entrypoints.start_refused import StartRefused
from entrypoints.stop_signals import StopSignals
from entrypoints.up import data_directory, embedded_server
from entrypoints.up.child import RestartPause
from entrypoints.up.embedded_server import EmbeddedServer
from entrypoints.up.fleet import Fleet, ProgramsFor, assemble, commands_to_try, logs_of, service_programs
from entrypoints.up.ports import Ports, choose_ports, choose_server_port, one_chooser_at_a_time
from entrypoints.up.run_file import RunningInstance, remove_run_file, write_run_file
from entrypoints.up.screen import Screen, Summary
from entrypoints.up.shepherd import Patience, Shepherd
from entrypoints.wiring.tracing import check_traces


def run_everything(
    settings: Settings,
    *,
    screen: Screen | None = None,
    programs_for: ProgramsFor = service_programs,
    pause: RestartPause | None = None,
) -> int:
    """Run the service until SIGINT or SIGTERM. Gives the exit code: 0, or 2 with a line on stderr.

    `programs_for` says what to run as the API and the workers; `pause` is how long one that dies stays down.
    """
    screen = screen or _screen(settings)
    settings = attrs.evolve(settings, data_dir=Path(settings.data_dir).absolute())
    try:
        key_ring(settings)
        check_traces(settings)
        with StopSignals() as signals, data_directory.held(settings.data_dir) as lock:
            _run(
                settings,
                lock=lock,
                signals=signals,
                screen=screen,
                programs_for=programs_for,
                pause=pause or RestartPause(longest_s=settings.restart_pause_max_s),
            )
    except StartRefused as refusal:
        print(f"comptoir: {refusal}", file=sys.stderr)  # noqa: T201 - a refusal is for people and not a log line
        return start_refused.EXIT_CODE
    return 0


def _run(
    settings: Settings,
    *,
    lock: int,
    signals: StopSignals,
    screen: Screen,
    programs_for: ProgramsFor,
    pause: RestartPause,
) -> None:
    with ExitStack() as choosing:
        choosing.enter_context(one_chooser_at_a_time())
        for doubt in doubts(settings):
            screen.doubt(doubt)
        server = None if settings.redis_url else _embedded(settings)
        kept_by = f"the embedded Valkey {embedded_server.version()}" if server else _checked(settings, screen)
        ports = choose_ports(settings)
        fleet = assemble(
            settings, ports=ports, server=server, lock=lock, programs_for=programs_for, pause=pause
        )
        shepherd = Shepherd(fleet, signals, screen, _patience(settings))
        try:
            if shepherd.start():
                choosing.close()
                url = http_url(settings.host, ports.api)
                _leave_note(settings, url, server, ports)
                screen.summary(_summary(settings, fleet, url, kept_by))
                shepherd.watch()
            screen.stopping()
        finally:
            shepherd.stop()
            remove_run_file(settings.data_dir)
    screen.stopped()


def _patience(settings: Settings) -> Patience:
    return Patience(
        start_s=settings.start_timeout_s,
        loading_s=settings.loading_timeout_s,
        grace_s=settings.shutdown_grace_s,
    )


def _screen(settings: Settings) -> Screen:
    if settings.log_format != "json":
        return Screen()
    from adapters.telemetry.logging import configure_logging  # whom people read needs no structlog
    from entrypoints.up.screen_log import ScreenLog

    configure_logging(settings.log_level, settings.log_format, process="supervisor")
    return ScreenLog()


def _embedded(settings: Settings) -> EmbeddedServer:
    return EmbeddedServer(
        directory=settings.data_dir / "valkey",
        port=choose_server_port(settings),
        appendfsync=settings.appendfsync,
    )


def _checked(settings: Settings, screen: Screen) -> str:
    found = check_server(settings)
    for warning in found.warnings:
        screen.warn(warning)
    return f"{found.product} {found.version} at {settings.redis_url_redacted}"


def _leave_note(settings: Settings, url: str, server: EmbeddedServer | None, ports: Ports) -> None:
    redis_url = server.url if server else ""
    instance = RunningInstance(pid=os.getpid(), url=url, redis_url=redis_url, metrics_ports=ports.workers)
    write_run_file(settings.data_dir, instance)


def _summary(settings: Settings, fleet: Fleet, url: str, kept_by: str) -> Summary:
    return Summary(
        url=url,
        kept_by=kept_by,
        children=fleet.children,
        data_dir=_shown(settings.data_dir),
        logs=_shown(logs_of(settings)),
        commands=commands_to_try(url, settings),
    )


def _shown(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
