"""A plugin for pytest: test modules that name it in `pytest_plugins` share one running service per server."""

import random
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

import pytest
import redis

from entrypoints.settings import WORKERS
from tests.instance import COMPTOIR, ExternalServer, RunningService

BOTH_SERVERS: Final = [pytest.param(name, marks=pytest.mark.runs_on(name)) for name in ("valkey", "redis")]
IMPATIENT: Final = {
    "APPENDFSYNC": "always",
    "ORDER_TOTAL_MAX": "1000",
    "BLOCK_MS": "400",
    "SOCKET_TIMEOUT_MS": "3000",
    "CLAIM_IDLE_MS": "1000",
    "RETRY_BASE_MS": "50",
    "RETRY_MAX_MS": "500",
    "SSE_HEARTBEAT_S": "0.5",
}
"""Short waits; and what was answered is on the disk."""


def free_base_port() -> int:
    """The first of as many free ports in a row as there are workers."""
    while True:
        base = random.randrange(20_000, 30_000)
        with suppress(OSError), ExitStack() as held:
            for port in range(base, base + len(WORKERS)):
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            return base


@pytest.fixture(scope="session", params=BOTH_SERVERS)
def external(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ExternalServer | None]:
    """The server in REDIS_URL, where the service is not to start its own."""
    if request.param == "valkey":
        yield None
        return
    with redis.Redis.from_url(request.getfixturevalue("redis_url")) as known:
        binary = Path(known.info("server")["executable"])
    with ExternalServer.at(tmp_path_factory.mktemp("external"), binary).running() as server:
        yield server


@pytest.fixture(scope="session")
def service(
    external: ExternalServer | None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningService]:
    """An instance that many tests share. However they have treated it, it stops well after the last one."""
    environment = IMPATIENT | {"PORT": "0", "METRICS_BASE_PORT": str(free_base_port())}
    if external:
        environment["REDIS_URL"] = external.server.url
    with RunningService(tmp_path_factory.mktemp("service"), environment, external).running() as running:
        yield running


Neighbour = Callable[..., AbstractContextManager[RunningService]]


@pytest.fixture(scope="session")
def neighbour(external: ExternalServer | None, tmp_path_factory: pytest.TempPathFactory) -> Neighbour:
    """Runs another instance, on default ports, told `SETTING="value"`.

    It has a database of its own on a server that is shared.
    """

    @contextmanager
    def run(**told: str) -> Iterator[RunningService]:
        if external:
            told["REDIS_URL"] = external.server.url.removesuffix("0") + "1"
            with redis.Redis.from_url(told["REDIS_URL"]) as known:
                known.flushdb()  # the last neighbour's checkouts are in an audit trail of its own
        with RunningService(tmp_path_factory.mktemp("neighbour"), IMPATIENT | told).running() as running:
            yield running

    return run


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Neighbour:
    """Runs an instance with a server of its own, on ports of its own, told `SETTING="value"`."""

    @contextmanager
    def run(**told: str) -> Iterator[RunningService]:
        environment = IMPATIENT | {"PORT": "0", "METRICS_BASE_PORT": str(free_base_port())} | told
        with RunningService(tmp_path_factory.mktemp("alone"), environment).running() as running:
            yield running

    return run


@pytest.fixture(scope="session")
def comptoir() -> tuple[str, ...]:
    """The command."""
    return COMPTOIR
