"""Servers of a replicated set-up, each a process of its own."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self

import attrs
import pytest
import redis
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from entrypoints.up import embedded_server
from entrypoints.up.ports import free_port
from tests.integration.link import LOOPBACK
from tests.waiting import eventually

START_S: Final = 30.0
ACKNOWLEDGED_MS: Final = 100
SERVERS: Final = [
    pytest.param("valkey", marks=pytest.mark.runs_on("valkey")),
    pytest.param("redis", marks=pytest.mark.runs_on("redis")),
]


def binary_of(server: str) -> Path:
    """The server's program; a missing redis-server is a skip, and a failure where CI is set."""
    if server == "valkey":
        return embedded_server.embedded_binary()
    name = os.environ.get("REDIS_SERVER") or "redis-server"
    found = shutil.which(name)
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no {name}")
    return Path(str(found))


@attrs.define
class Node:
    """A server with nothing on disk that gives a new replica its data at once."""

    binary: Path
    directory: Path
    port: int = attrs.Factory(free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"redis://{LOOPBACK}:{self.port}/0"

    def start(self, *options: str) -> Self:
        """Start it, with more `options`, and wait until it answers."""
        self._run("--save", "", "--repl-diskless-sync-delay", "0", *options)
        return self

    def start_sentinel(self, *lines: str) -> Self:
        """Start it as a sentinel."""
        file = self.directory / f"sentinel-{self.port}.conf"
        file.write_text("\n".join(lines) + "\n")
        self._run(str(file), "--sentinel")
        return self

    def _run(self, *arguments: str) -> None:
        first = [argument for argument in arguments[:1] if argument.endswith(".conf")]
        self.process = subprocess.Popen(
            [
                str(self.binary),
                *first,
                *("--port", str(self.port), "--bind", LOOPBACK, "--dir", str(self.directory)),
                *arguments[len(first) :],
            ],
            stdout=subprocess.DEVNULL,
        )
        eventually(self.answers, within_s=START_S)

    def kill(self) -> None:
        """SIGKILL."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    @contextlib.contextmanager
    def asked(self) -> Iterator["Redis"]:
        """A client of its own, for the test's eyes."""
        with contextlib.closing(
            Redis(port=self.port, socket_timeout=5, socket_connect_timeout=5, retry=Retry(NoBackoff(), 0))
        ) as client:
            yield client

    def answers(self) -> bool:
        with self.asked() as client, contextlib.suppress(redis.RedisError):
            return bool(client.ping())
        return False

    def is_master(self) -> bool:
        with self.asked() as client, contextlib.suppress(redis.RedisError):
            return bool(client.info("replication")["role"] == "master")
        return False

    def replicas(self) -> int:
        """How many replicas have what it was told last: one that has just attached is slow to say so."""
        with self.asked() as client, contextlib.suppress(redis.RedisError):
            client.publish("told", "last")
            return int(client.wait(1, ACKNOWLEDGED_MS))
        return 0
