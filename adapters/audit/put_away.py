"""Closed files that were put away elsewhere: which positions they hold stays behind, so that no entry is
written again that one of them has.

Beside `audit-2026-11-22.ndjson` that is `audit-2026-11-22.ndjson.positions`: 16 bytes a position, in order,
and a hash over them (as in `seal`, over the file's name in place of the line before), so that whoever
does not have the key cannot have an entry left out.
"""

import os
import shutil
import struct
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import attrs

from adapters.audit.file_name import FileName
from adapters.audit.files_seen import files_seen
from adapters.audit.line import Key, keys_of
from adapters.audit.seal import KeyNeeded, Seal, is_keyed
from adapters.directory_lock import sync_directory

SUFFIX: Final = ".positions"
_position: Final = struct.Struct(">QQ")
_HASH_DIGITS: Final = 64


@attrs.frozen
class Positions(Sequence[bytes]):
    """Positions as they lie in the file, in order."""

    packed: bytes

    def __len__(self) -> int:
        return len(self.packed) // _position.size

    def __getitem__(self, place: int) -> bytes:  # type: ignore[override]  # nobody asks for a slice
        start = place * _position.size
        return self.packed[start : start + _position.size]

    def among(self, keys: Iterable[Key]) -> Iterator[Key]:
        """Those of `keys` that are there."""
        for key in keys:
            wanted = _position.pack(*key)
            place = bisect_left(self, wanted)
            if place < len(self) and self[place] == wanted:
                yield key


class PutAwayFiles:
    """What is known of the files that are no longer there. What does not bear the right hash is no word.

    Every method raises:
        OSError: a file cannot be read.
    """

    def __init__(self, directory: Path, seals: Sequence[Seal]) -> None:
        self._directory = directory
        self._seals = [seal for seal in seals if seal.has_key] or list(seals)
        self._highest: dict[FileName, Key] = {}
        self._reach: Key = (0, 0)
        self._open: tuple[FileName, Positions] | None = None

    def look(self) -> None:
        """Take notice of those whose positions have stayed behind."""
        names = (
            FileName.parse(path.name.removesuffix(SUFFIX)) for path in self._directory.glob(f"*{SUFFIX}")
        )
        self._highest = {
            name: self._highest.get(name) or self._last_position(name) for name in names if name is not None
        }
        self._reach = max(self._highest.values(), default=(0, 0))

    def among(self, keys: Iterable[Key]) -> set[Key]:
        """Those of `keys` that a file which was put away holds."""
        wanted = [key for key in keys if key <= self._reach]
        found: set[Key] = set()
        if not wanted:
            return found
        for name, highest in self._highest.items():
            if min(wanted) <= highest:
                found.update(self._positions(name).among(wanted))
        return found

    def _last_position(self, name: FileName) -> Key:
        with _path(self._directory, name).open("rb") as file:
            size = file.seek(0, os.SEEK_END) - _HASH_DIGITS
            if size < _position.size:
                return 0, 0
            file.seek(size - _position.size)
            return _unpacked(file.read(_position.size))

    def _positions(self, name: FileName) -> Positions:
        if self._open is None or self._open[0] != name:
            try:
                stored = _path(self._directory, name).read_bytes()
            except FileNotFoundError:  # moved away as well
                stored = b""
            packed, hash_ = stored[:-_HASH_DIGITS], stored[-_HASH_DIGITS:]
            is_ours = any(seal.hash_of(str(name).encode(), packed) == hash_ for seal in self._seals)
            self._open = name, Positions(packed if is_ours else b"")
        return self._open[1]


def put_away(directory: Path, to: Path, seal: Seal, *, before_day: str) -> list[str]:
    """Move the closed files of days before `before_day` (YYYY-MM-DD, UTC) to the directory `to`.

    Raises:
        NothingToVerify: there is no trail.
        KeyNeeded: it is sealed with a key, and `seal` has none.
        OSError: a file cannot be read, written or moved, or is there already. Do it again.
    """
    files = files_seen(directory, None)
    opening = files[-1].opening
    if opening is not None and is_keyed(opening.method) and not seal.has_key:
        raise KeyNeeded(opening.method)
    moved = []
    for path in [file.path for file in files[:-1] if file.name < f"audit-{before_day}"]:
        if (to / path.name).exists():
            raise FileExistsError(f"{to / path.name} is there already")
        _leave_positions(path, seal)
        shutil.move(path, to / path.name)
        moved.append(path.name)
    return moved


def _leave_positions(path: Path, seal: Seal) -> None:
    packed = b"".join(_position.pack(*key) for key in sorted(set(keys_of(path.read_bytes()))))
    draft = path.with_name(f"{path.name}.draft")
    with draft.open("wb") as file:
        file.write(packed + seal.hash_of(path.name.encode(), packed))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path.with_name(f"{path.name}{SUFFIX}"))
    sync_directory(path.parent)


def _unpacked(packed: bytes) -> Key:
    time_ms, number = _position.unpack(packed)
    return time_ms, number


def _path(directory: Path, name: FileName) -> Path:
    return directory / f"{name}{SUFFIX}"
