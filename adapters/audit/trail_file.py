"""The audit file of one day, shared by several processes."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from adapters.audit.known_positions import BLOCK_BYTES, KnownPositions
from adapters.audit.line import Key, keys_of

LOCK_WAIT_S: Final = 5.0
"""How long another process may sit on a file before it counts as stuck."""

_LOCK_POLL_S: Final = 0.001


class DayFile:
    """Lines are added under a lock, after what others have added was read. A whole line is never taken back.

    Every method raises:
        OSError: the file cannot be opened, read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._known = KnownPositions(self._read)
        self._read_to = 0
        self._synced_to = 0

    def add(self, lines: Mapping[Key, bytes]) -> None:
        """Add those lines whose position the file does not hold yet, in order."""
        with self._locked():
            self._catch_up()
            known = self._known.among(lines)
            new = {key: line for key, line in lines.items() if key not in known} if known else lines
            if not new:
                return
            data = b"".join(new.values())
            written = os.write(self._fd, data)
            if written < len(data):  # the next to come reads the whole lines and cuts off the rest
                raise OSError(f"{self._path}: {written} of {len(data)} bytes written")
            self._known.add(list(new), self._read_to, self._read_to + written)
            self._read_to += written

    def sync(self) -> None:
        """Make durable what the file was seen to hold, whoever added it."""
        if self._synced_to == self._read_to:
            return
        os.fsync(self._fd)
        if self._synced_to == 0:
            _sync_directory(self._path.parent)  # the file may be new, and so not listed there for good
        self._synced_to = self._read_to

    def is_still_there(self) -> bool:
        """Whether its path still leads to this very file, and it has not been cut."""
        own = os.fstat(self._fd)
        with contextlib.suppress(FileNotFoundError):
            there = self._path.stat()
            return (there.st_dev, there.st_ino) == (own.st_dev, own.st_ino) and own.st_size >= self._read_to
        return False

    def close(self) -> None:
        """Give the file back."""
        os.close(self._fd)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        _lock(self._fd)
        try:
            yield
        finally:
            fcntl.flock(self._fd, fcntl.LOCK_UN)

    def _catch_up(self) -> None:
        """Read the lines that were added since, and cut off a last one that was never finished."""
        want = BLOCK_BYTES
        while lines := self._read(self._read_to, self._read_to + want):
            whole = lines.rfind(b"\n") + 1
            if whole:
                self._known.add(keys_of(lines[:whole]), self._read_to, self._read_to + whole)
                self._read_to += whole
            elif len(lines) == want:
                want *= 2  # one very long line
            else:
                os.ftruncate(self._fd, self._read_to)
                return

    def _read(self, start: int, end: int) -> bytes:
        return os.pread(self._fd, end - start, start)


def _lock(fd: int) -> None:
    until_s = time.monotonic() + LOCK_WAIT_S
    while True:
        try:
            return fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until_s:
                raise
        time.sleep(_LOCK_POLL_S)


def _sync_directory(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
