"""The directory that one instance keeps everything in."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from entrypoints.start_refused import StartRefused
from entrypoints.up.locks import locked_within, open_lock

LOCK_PATIENCE_S: Final = 3.0
"""Long enough for the server of an instance that was just killed to write its last and go."""


@contextlib.contextmanager
def held(directory: Path, patience_s: float = LOCK_PATIENCE_S) -> Iterator[int]:
    """Make `directory` and hold it as the only instance. Gives the lock's file descriptor.

    Whoever inherits the descriptor holds the directory too: given to the embedded server, a server that
    outlives its supervisor still keeps a second one away from its files.

    Raises:
        StartRefused: the directory cannot be written, or another instance holds it.
    """
    lock = _opened(directory)
    try:
        if not locked_within(lock, patience_s):
            holder = os.pread(lock, 20, 0).decode("ascii", "replace").strip() or "unknown"
            raise StartRefused(f"DATA_DIR {directory} is in use by another instance, pid {holder}")
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield lock
    finally:
        os.close(lock)


def _opened(directory: Path) -> int:
    try:
        # One that exists keeps its mode, for it may be shared; what is made inside is private either way.
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return open_lock(directory / "comptoir.lock")
    except OSError as error:
        raise StartRefused(f"DATA_DIR {directory} cannot be written: {error.strerror}") from None
