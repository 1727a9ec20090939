"""A unit test reaches nothing beyond its own process."""

import os
import socket
import subprocess
from collections.abc import Iterator

import pytest

WAYS_OUT = (
    *((socket.socket, name) for name in ("bind", "connect", "connect_ex")),
    (socket, "getaddrinfo"),
    (subprocess.Popen, "__init__"),
    *((os, name) for name in ("fork", "posix_spawn", "system")),
)


@pytest.fixture(scope="package", autouse=True)
def nothing_beyond_this_process() -> Iterator[None]:
    """Opening a connection or a port, asking for an address or starting a process fails the test."""
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in WAYS_OUT:
            patch.setattr(owner, name, refuse)
        yield


def refuse(*_: object, **__: object) -> None:
    pytest.fail("no network and no processes here: it belongs in tests/integration")
