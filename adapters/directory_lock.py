"""One writer at a time in a directory, whatever process it is in."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

LOCK_WAIT_S: Final = 5.0
"""How long another process may sit on the directory before it counts as stuck."""

_LOCK_POLL_S: Final = 0.001


@contextlib.contextmanager
def locked(directory: Path, *, shared: bool = False) -> Iterator[None]:
    """Alone with the directory; `shared`, with others that only read it.

    Raises:
        OSError: there is no such directory, or another process does not let go of it.
    """
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _lock(fd, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)  # which unlocks


def sync_directory(directory: Path) -> None:
    """Make durable which files there are."""
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _lock(fd: int, how: int) -> None:
    until_s = time.monotonic() + LOCK_WAIT_S
    while True:
        try:
            return fcntl.flock(fd, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until_s:
                raise
        time.sleep(_LOCK_POLL_S)
