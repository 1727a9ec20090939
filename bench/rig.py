"""The things that are measured, for real: an embedded server and the service's own processes."""

import contextlib
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs
import redis

from domain.checkout.saga import SAGA
from entrypoints.container import Container
from entrypoints.probes import answers
from entrypoints.settings import Settings
from entrypoints.up.child import Child, Program, Readiness
from entrypoints.up.embedded_server import EmbeddedServer
from entrypoints.up.fleet import PROCESS
from entrypoints.up.log_file import LogFile
from entrypoints.up.ports import free_port

ALL_WORKERS: Final = tuple(step.worker for step in SAGA)
START_TIMEOUT_S: Final = 60.0
STOP_TIMEOUT_S: Final = 10.0
POLL_S: Final = 0.02
LOG_MAX_BYTES: Final = 1024 * 1024 * 1024
_HOST: Final = "127.0.0.1"


@attrs.frozen
class Process:
    """A running process of the service, by the name of its worker."""

    name: str
    pid: int
    url: str = ""

    def cpu_s(self) -> float:
        """The processor time it has used, in user and system; 0 where the system does not tell."""
        with contextlib.suppress(FileNotFoundError):
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(") ")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return 0.0

    def memory_mb(self) -> float:
        """What it has resident; 0 where the system does not tell."""
        return self._status_mb("VmRSS:")

    def memory_max_mb(self) -> float:
        """The most it has had resident; 0 where the system does not tell."""
        return self._status_mb("VmHWM:")

    def _status_mb(self, name: str) -> float:
        with contextlib.suppress(FileNotFoundError):
            for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
                if line.startswith(name):
                    return int(line.split()[1]) / 1024
        return 0.0


@attrs.frozen
class Rig:
    """A server of its own on a free port, and what is started on it. All of it is gone after the block."""

    directory: Path
    settings: Settings
    container: Container
    client: Any
    _closing: contextlib.ExitStack

    @classmethod
    @contextlib.contextmanager
    def running(cls, appendfsync: str = "everysec") -> Iterator["Rig"]:
        """A rig whose server writes its log of writes to disk as `appendfsync` says."""
        with contextlib.ExitStack() as closing:
            directory = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="comptoir-bench-")))
            server = EmbeddedServer(directory=directory / "valkey", port=free_port(), appendfsync=appendfsync)
            child = Child(
                server.program(), LogFile(path=directory / "valkey.log", size_max_bytes=LOG_MAX_BYTES)
            )
            _started(child, lambda: server.readiness() == "ready", closing)
            settings = Settings(redis_url=server.url, data_dir=directory / "data")
            container = Container(settings=settings)
            closing.callback(container.redis().close)
            client = closing.enter_context(redis.Redis.from_url(server.url))
            yield cls(directory, settings, container, client, closing)

    @property
    def server(self) -> Process:
        """The server."""
        return Process("server", int(self.client.info("server")["process_id"]))

    def start_worker(self, name: str) -> Process:
        """One more process of a worker, ready."""
        return self.start_workers([name])[0]

    def start_workers(self, names: Sequence[str] = ALL_WORKERS) -> list[Process]:
        """A process for each name, ready; a name that comes twice gets two."""
        started: list[tuple[Child, int, str]] = []
        for name in names:
            port = free_port()
            url = f"http://{_HOST}:{port}/metrics"
            told = self.settings.as_environment() | {"METRICS_PORT": str(port)}
            child = self._child(name, (*PROCESS, "worker", name), told)
            started.append((child, self._go(child), url))
        wait_until(lambda: all(_is_up(child, url) for child, _, url in started))
        return [Process(child.name, pid, url) for child, pid, url in started]

    def start_api(self) -> Process:
        """The API, ready; its `url` is where it answers."""
        port = free_port()
        child = self._child("api", (*PROCESS, "api"), self.settings.as_environment() | {"PORT": str(port)})
        pid, url = self._go(child), f"http://{_HOST}:{port}"
        wait_until(lambda: _is_up(child, f"{url}/readyz"))
        return Process("api", pid, url)

    def start_program(
        self, name: str, argv: Sequence[str], ready_url: str, environment: Mapping[str, str]
    ) -> Process:
        """Any other program that has to answer at `ready_url`."""
        child = self._child(name, argv, environment)
        pid = self._go(child)
        wait_until(lambda: _is_up(child, ready_url))
        return Process(name, pid, ready_url)

    def _child(self, name: str, argv: Sequence[str], environment: Mapping[str, str]) -> Child:
        program = Program(name=name, argv=tuple(argv), readiness=_unasked, environment=environment)
        path = self.directory / "logs" / f"{name}.log"
        return Child(program, LogFile(path=path, size_max_bytes=LOG_MAX_BYTES))

    def _go(self, child: Child) -> int:
        self._closing.callback(_end, child)
        child.start()
        assert child.pid is not None
        return child.pid


def stop(process: Process) -> None:
    """Have a process finish what it is doing and end; it is reaped with the rig."""
    os.kill(process.pid, signal.SIGTERM)
    wait_until(lambda: not _is_alive(process.pid), STOP_TIMEOUT_S)


@contextlib.contextmanager
def frozen(processes: Sequence[Process]) -> Iterator[None]:
    """Keep them still during the block: warm, connected, and without a turn on the processor."""
    try:
        for process in processes:
            os.kill(process.pid, signal.SIGSTOP)
        yield
    finally:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)


def wait_until(condition: Callable[[], object], patience_s: float = START_TIMEOUT_S) -> None:
    """Ask again and again.

    Raises:
        TimeoutError: it was not so within `patience_s`.
    """
    deadline_s = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"nothing within {patience_s:g} s")
        time.sleep(POLL_S)


def _started(child: Child, is_ready: Callable[[], bool], closing: contextlib.ExitStack) -> None:
    closing.callback(_end, child)
    child.start()
    wait_until(lambda: _check(child) and is_ready())


def _unasked() -> Readiness:
    """Nobody asks: a child here is looked after by whoever started it."""
    return "ready"


def _is_up(child: Child, url: str) -> bool:
    return _check(child) and answers(url)


def _check(child: Child) -> bool:
    if child.ended() is not None:
        raise RuntimeError(f"{child.name} does not start: {child.log.path.read_text()[-2000:]}")
    return True


def _end(child: Child) -> None:
    """Its data goes with it, so there is nothing to finish."""
    child.kill()
    wait_until(lambda: child.pid is None or child.ended() is not None, STOP_TIMEOUT_S)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    path = Path(f"/proc/{pid}/stat")
    return not path.exists() or path.read_text().rpartition(") ")[2][0] != "Z"
