"""A server that a test starts, stops and spoils."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from adapters.redis_streams.client import Client
from adapters.redis_streams.connection import connect
from entrypoints.up.child import Child
from entrypoints.up.embedded_server import EmbeddedServer, embedded_binary
from entrypoints.up.log_file import LogFile
from entrypoints.up.ports import free_port
from tests.waiting import eventually

SOCKET_TIMEOUT_MS = 300
CONNECT_TIMEOUT_MS = 300


class OwnServer:
    """Without a file on disk: what it held is gone when it is killed."""

    def __init__(self, directory: Path, binary: Path) -> None:
        self.server = EmbeddedServer(directory=directory, port=free_port(), appendonly=False, binary=binary)
        log = LogFile(path=directory / "server.log", size_max_bytes=1_000_000)
        self._child = Child(self.server.program(), log)

    def start(self) -> None:
        self._child.start()
        eventually(lambda: self.server.readiness() == "ready")

    def kill(self) -> None:
        self.thaw()
        self._child.kill()
        eventually(lambda: self._child.pid is None or self._child.ended())

    def freeze(self) -> None:
        """It keeps its connections and answers nothing."""
        assert self._child.pid is not None
        os.kill(self._child.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        if self._child.pid is not None:
            os.kill(self._child.pid, signal.SIGCONT)

    def client(self) -> Client:
        """One as the service has it, with little patience."""
        return connect(
            self.server.url, socket_timeout_ms=SOCKET_TIMEOUT_MS, connect_timeout_ms=CONNECT_TIMEOUT_MS
        )


def started(directory: Path, binary: Path) -> Iterator[OwnServer]:
    """A server while the test runs."""
    server = OwnServer(directory, binary)
    server.start()
    yield server
    server.kill()


def valkey_binary() -> Path:
    return embedded_binary()


def redis_binary() -> Path:
    """Ask for the `redis_url` fixture first: it sees to it that there is one."""
    found = shutil.which(os.environ.get("REDIS_SERVER") or "redis-server")
    assert found
    return Path(found)


def contents(client: Client) -> dict[bytes, Any]:
    """Everything that a server holds."""
    keys: Any = client.keys()
    return {key: client.dump(key) for key in keys}
