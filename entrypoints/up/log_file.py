"""Where a child process writes what it has to say."""

import contextlib
import os
import shutil
from pathlib import Path
from typing import IO

import attrs


@attrs.frozen(kw_only=True)
class LogFile:
    """A file that only its owner reads and that does not grow for ever: once too long, it is put aside."""

    path: Path
    size_max_bytes: int

    def open(self) -> IO[bytes]:
        """The file to append to, the old one put aside if it was too long."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.bound()
        return open(self.path, "ab", opener=_private)

    def bound(self) -> None:
        """Put a file that is too long aside as `.1`, in place of the one before it.

        Its writer keeps it open for appending, so it is copied and emptied, not renamed: a line written
        between the two is lost, which a log may be.
        """
        if not self.path.exists() or self.path.stat().st_size <= self.size_max_bytes:
            return
        aside = self.path.with_name(f"{self.path.name}.1")
        # A disk too full to keep the old lines has all the more need of their room.
        with (
            contextlib.suppress(OSError),
            self.path.open("rb") as long,
            open(aside, "wb", opener=_private) as copy,
        ):
            shutil.copyfileobj(long, copy)
        os.truncate(self.path, 0)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)
