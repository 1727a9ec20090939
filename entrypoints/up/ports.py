"""Which port each process listens on."""

import contextlib
import errno
import os
import socket
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import attrs

from entrypoints.probes import address_of
from entrypoints.settings import WORKERS, Settings
from entrypoints.start_refused import StartRefused
from entrypoints.up.locks import locked_within, open_lock

CHOICE_PATIENCE_S: Final = 20.0


@attrs.frozen(kw_only=True)
class Ports:
    """The port of the API, and of each worker's metrics."""

    api: int
    workers: Mapping[str, int]


def choose_ports(settings: Settings) -> Ports:
    """A port for everything. A default that is taken gives way to any free port.

    Raises:
        StartRefused: a port that was asked for is taken, or may not be used.
    """
    api = _choose(settings.host, "HOST", "PORT", settings.port, fixed="PORT" in settings.given)
    taken = {api}
    workers = {}
    for worker in WORKERS:
        workers[worker] = _choose(
            settings.metrics_host,
            "METRICS_HOST",
            "METRICS_BASE_PORT",
            settings.metrics_base_port + WORKERS.index(worker),
            fixed="METRICS_BASE_PORT" in settings.given,
            taken=taken,
        )
        taken.add(workers[worker])
    return Ports(api=api, workers=workers)


def choose_server_port(settings: Settings) -> int:
    """A port on loopback for the embedded server. Raises StartRefused where the one asked for is taken."""
    return _choose("127.0.0.1", "HOST", "EMBEDDED_REDIS_PORT", settings.embedded_redis_port, fixed=True)


def free_port(host: str = "127.0.0.1") -> int:
    """A port of `host` on which nothing listens now."""
    return _bound_port(host, 0)


@contextlib.contextmanager
def one_chooser_at_a_time(patience_s: float = CHOICE_PATIENCE_S) -> Iterator[None]:
    """Hold this until what was chosen is taken, so that two instances started at once do not choose the same.

    Between instances of one user of one machine only, and for `patience_s` seconds at most: it spares a
    failed start, no more.
    """
    path = Path(tempfile.gettempdir()) / f"comptoir-ports-{os.getuid()}.lock"
    with contextlib.ExitStack() as held:
        with contextlib.suppress(OSError):
            lock = open_lock(path)
            held.callback(os.close, lock)
            locked_within(lock, patience_s)
        yield


def _choose(
    host: str, host_variable: str, variable: str, port: int, *, fixed: bool, taken: set[int] | None = None
) -> int:
    try:
        if port not in (taken or ()):
            return _bound_port(host, port)
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
    except (socket.gaierror, UnicodeError):
        raise StartRefused(f"{host_variable} is {host!r}: no such address here") from None
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise StartRefused(f"{host_variable} is {host!r}: not an address of this machine") from None
        if fixed:
            raise StartRefused(
                f"{variable}: port {port} on {host} cannot be used: {error.strerror}"
            ) from None
    return _bound_port(host, 0)


def _bound_port(host: str, port: int) -> int:
    """The port that `host` and `port` give when bound, right after it was let go again."""
    family, address = address_of(host)
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: connections of an earlier instance that are still closing are no hindrance.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((address, port))
        return int(probe.getsockname()[1])
