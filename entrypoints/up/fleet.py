"""Everything that `comptoir up` runs: the embedded server, the API and the workers."""

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import attrs

from entrypoints.probes import answers, http_url
from entrypoints.settings import Settings
from entrypoints.up.child import Child, Program, Readiness, RestartPause
from entrypoints.up.embedded_server import EmbeddedServer
from entrypoints.up.log_file import LogFile
from entrypoints.up.ports import Ports

PROCESS: Final = (sys.executable, "-m", "entrypoints.process")


@attrs.frozen(kw_only=True)
class Fleet:
    """The children, by the order in which they are started and stopped."""

    server: Child | None
    api: Child
    workers: tuple[Child, ...]

    @property
    def start_order(self) -> list[tuple[Child, ...]]:
        """What is started together once everything before it answers."""
        return [*([(self.server,)] if self.server else []), (self.api, *self.workers)]

    @property
    def stop_order(self) -> list[tuple[Child, ...]]:
        """Who accepts work first, then who does it, then who remembers it."""
        return [(self.api,), self.workers, *([(self.server,)] if self.server else [])]

    @property
    def children(self) -> tuple[Child, ...]:
        """All of them, in the order they are shown."""
        return tuple(child for together in self.start_order for child in together)


@attrs.frozen(kw_only=True)
class Programs:
    """What runs beside the embedded server."""

    api: Program
    workers: tuple[Program, ...]


ProgramsFor = Callable[[Settings, Ports], Programs]
"""The programs for settings whose REDIS_URL, whichever server it is, answers."""


def service_programs(settings: Settings, ports: Ports) -> Programs:
    """The service's own programs: each is told everything through its environment."""
    return Programs(
        api=_program(
            "api", ("api",), http_url(settings.host, ports.api), "/readyz", settings, PORT=ports.api
        ),
        workers=tuple(
            _program(
                name,
                ("worker", name),
                http_url(settings.metrics_host, port),
                "/metrics",
                settings,
                METRICS_PORT=port,
            )
            for name, port in ports.workers.items()
        ),
    )


def assemble(
    settings: Settings,
    *,
    ports: Ports,
    server: EmbeddedServer | None,
    lock: int,
    programs_for: ProgramsFor,
    pause: RestartPause,
) -> Fleet:
    """A child for each program, with its log in the data directory. Nothing is started yet."""

    def child(program: Program) -> Child:
        path = logs_of(settings) / f"{program.name}.log"
        return Child(program, LogFile(path=path, size_max_bytes=settings.log_file_max_bytes), pause)

    told = attrs.evolve(settings, redis_url=server.url) if server else settings
    programs = programs_for(told, ports)
    return Fleet(
        server=child(server.program(lock)) if server else None,
        api=child(programs.api),
        workers=tuple(child(program) for program in programs.workers),
    )


def logs_of(settings: Settings) -> Path:
    """Where the children's logs are."""
    return settings.data_dir / "logs"


def commands_to_try(url: str, settings: Settings) -> list[str]:
    """Commands for a first look: some stock if it is kept here, a checkout, its replay."""
    comptoir = str(Path(sys.executable).with_name("comptoir"))
    if Path(comptoir).is_relative_to(Path.cwd()):
        comptoir = str(Path(comptoir).relative_to(Path.cwd()))
    if "DATA_DIR" in settings.given:
        comptoir = f"DATA_DIR={shlex.quote(str(settings.data_dir))} {shlex.quote(comptoir)}"
    key = ' -H "X-API-Key: $KEY"' if settings.api_keys_file or settings.api_keys else ""
    receipt = '{"quantite": 100}'
    checkout = '{"client_id": "ada", "panier": {"produits": [{"produit_id": "pencil", "quantite": 3}]}}'
    received = f"curl {url}/api/inventory/pencil/receipts{key} --json '{receipt}'"
    return [
        *([received] if settings.inventory == "own" else []),
        f"curl {url}/api/checkouts{key} --json '{checkout}'",
        f"{comptoir} replay CHECKOUT_ID",
    ]


def _program(
    name: str, arguments: tuple[str, ...], url: str, ready_path: str, settings: Settings, **ports: int
) -> Program:
    def readiness() -> Readiness:
        return "ready" if answers(url + ready_path) else "away"

    return Program(
        name=name,
        argv=(*PROCESS, *arguments),
        readiness=readiness,
        environment=settings.as_environment() | {variable: str(port) for variable, port in ports.items()},
        shown_at=f"{url}/metrics",
    )
