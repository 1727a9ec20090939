"""One file of the trail, to which several processes may add, one at a time."""

import contextlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from adapters.audit.file_name import FileName
from adapters.audit.known_positions import BLOCK_BYTES, KnownPositions
from adapters.audit.line import Key, keys_of
from adapters.audit.opening import Bounds, Opening, opening_of
from adapters.audit.seal import Link, last_link_in, read_line
from adapters.directory_lock import sync_directory


class TrailFile:
    """What is known of a file is what it held when it was last looked at. A whole line is never taken back.

    Every method raises:
        OSError: the file cannot be opened, read or written.
    """

    def __init__(self, directory: Path, name: FileName, *, new: bool = False) -> None:
        flags = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | (os.O_CREAT | os.O_EXCL if new else 0)
        self.name = name
        self._path = directory / str(name)
        self._fd = os.open(self._path, flags, 0o600)
        self._known = KnownPositions(self._read)
        self._opening: Opening | None = None
        self._synced_to = -1
        self.size_bytes = 0
        """Of the whole lines."""
        self.end: Link | None = None
        """The last sealed line; None where there is none."""
        self.ends_sealed = True
        """Whether that is the last line at all."""

    @property
    def opening(self) -> Opening | None:
        """What its first line says, once it has one."""
        if self._opening is None:
            self._opening = opening_of(self._path)
        return self._opening

    @property
    def bounds(self) -> Bounds | None:
        """Of its positions; None where it has none."""
        return self._known.bounds

    def among(self, keys: Iterable[Key]) -> set[Key]:
        """Those of `keys` that the file holds."""
        return self._known.among(keys)

    def catch_up(self) -> int:
        """Read the lines that were added since; the bytes of a last one that was never finished."""
        want = BLOCK_BYTES
        while lines := self._read(self.size_bytes, self.size_bytes + want):
            whole = lines.rfind(b"\n") + 1
            if whole:
                self._learn(lines[:whole])
            elif len(lines) == want:
                want *= 2  # one very long line
            else:
                return len(lines)
        return 0

    def cut_torn_line(self) -> None:
        """Take away what follows the whole lines."""
        os.ftruncate(self._fd, self.size_bytes)

    def add(self, lines: bytes, keys: Sequence[Key], end: Link) -> None:
        """Add whole lines, which must hold `keys`, the last one sealed as `end`."""
        written = os.write(self._fd, lines)
        if written < len(lines):  # the next to come reads the whole lines and cuts off the rest
            raise OSError(f"{self._path}: {written} of {len(lines)} bytes written")
        self._known.add(keys, self.size_bytes, self.size_bytes + written)
        self.size_bytes += written
        self.end, self.ends_sealed = end, True

    def sync(self) -> None:
        """Make durable what the file was seen to hold, whoever added it."""
        if self._synced_to == self.size_bytes:
            return
        os.fsync(self._fd)
        if self._synced_to < 0:
            sync_directory(self._path.parent)  # the file may be new, and so not listed there for good
        self._synced_to = self.size_bytes

    def is_still_there(self) -> bool:
        """Whether its path still leads to this very file, and it has not been cut."""
        own = os.fstat(self._fd)
        with contextlib.suppress(FileNotFoundError):
            there = self._path.stat()
            return (there.st_dev, there.st_ino) == (own.st_dev, own.st_ino) and own.st_size >= self.size_bytes
        return False

    def close(self) -> None:
        """Give the file back."""
        os.close(self._fd)

    def _learn(self, lines: bytes) -> None:
        self._known.add(keys_of(lines), self.size_bytes, self.size_bytes + len(lines))
        self.size_bytes += len(lines)
        last = read_line(lines[lines.rfind(b"\n", 0, -1) + 1 :])
        self.ends_sealed = last is not None
        link = Link(last.number, last.hash) if last else last_link_in(lines)
        self.end = link or self.end

    def _read(self, start: int, end: int) -> bytes:
        return os.pread(self._fd, end - start, start)
