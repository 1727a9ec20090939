"""The file that keys are kept in: read by the API whenever it changes, written by the command line."""

import contextlib
import os
import stat
from pathlib import Path
from typing import Final, NamedTuple

import attrs

from adapters.api_keys.api_key import ApiKey
from adapters.api_keys.written import MalformedKeys, line_of, read_lines
from adapters.directory_lock import locked, sync_directory

FILE_MAX_BYTES: Final = 1024 * 1024
_WRITABLE_BY_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH


class Stamp(NamedTuple):
    """Tells one state of a file from another."""

    device: int
    inode: int
    size_bytes: int
    changed_s: float


class KeyExists(Exception):
    """There is a key of that id already, or was: an id is never used again."""


@attrs.frozen
class KeyFile:
    """Keys in a file, one a line. Every method raises:

    OSError: there is no such file, or it cannot be read or written.
    MalformedKeys: it is not a file of keys, or others than its owner may write to it.
    """

    path: Path

    def stamp(self) -> Stamp:
        """What is different once the file has changed."""
        status = self.path.stat()
        return Stamp(status.st_dev, status.st_ino, status.st_size, status.st_ctime)

    def read(self) -> list[ApiKey]:
        """The keys, revoked ones included."""
        return read_lines(self._text())

    def add(self, key: ApiKey) -> None:
        """Put `key` at the end; the file is made if there is none. Raises KeyExists."""
        path = self.path.resolve()
        with locked(path.parent):
            text = self._text() if path.exists() else b""
            if any(known.id == key.id for known in read_lines(text)):
                raise KeyExists(key.id)
            end = b"" if not text or text.endswith(b"\n") else b"\n"
            _write(path, text + end + line_of(key))

    def revoke(self, id: str, now_s: float) -> ApiKey | None:
        """Mark the key `id` as revoked, if it is not. The key as it is now; None where there is none."""
        path = self.path.resolve()
        with locked(path.parent):
            text = self._text()
            known = next((key for key in read_lines(text) if key.id == id), None)
            if known is None or known.revoked_at_s is not None:
                return known
            revoked = attrs.evolve(known, revoked_at_s=now_s)
            lines = [_changed(line, revoked) for line in text.splitlines(keepends=True)]
            _write(path, b"".join(lines))
            return revoked

    def _text(self) -> bytes:
        with open(self.path, "rb", opener=_without_waiting) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise MalformedKeys("it is not a file")
            if status.st_mode & _WRITABLE_BY_OTHERS:
                raise MalformedKeys("others than its owner may write to it: chmod go-w")
            text = file.read(FILE_MAX_BYTES + 1)
        if len(text) > FILE_MAX_BYTES:
            raise MalformedKeys(f"it is longer than {FILE_MAX_BYTES} bytes")
        return text


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)  # a pipe that nobody writes to holds nobody up


def _changed(line: bytes, key: ApiKey) -> bytes:
    return line_of(key) if [known.id for known in read_lines(line)] == [key.id] else line


def _write(path: Path, text: bytes) -> None:
    """Put `text` in the place of what was there, whole or not at all, for the same readers as before."""
    read_lines(text)
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    try:
        with open(draft, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            with contextlib.suppress(FileNotFoundError):
                _let_read(file.fileno(), path.stat())
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def _let_read(fd: int, before: os.stat_result) -> None:
    os.fchown(fd, before.st_uid, before.st_gid)
    os.fchmod(fd, stat.S_IMODE(before.st_mode))
