"""Which positions the closed files of a trail hold: exact, in little memory, however many they are."""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from adapters.audit.file_name import FileName
from adapters.audit.line import Key
from adapters.audit.opening import Bounds, opening_of
from adapters.audit.seal import Link
from adapters.audit.trail_file import TrailFile

_OPEN_MAX: Final = 3
_EMPTY: Final = Bounds((1, 0), (0, 0))


class EarlierFiles:
    """Of each file only the bounds of its positions are kept, as the first line of the next one tells them.

    A file is read when a position within its bounds is asked for. Every method raises:
        OSError: a file cannot be read.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._bounds: dict[FileName, Bounds | None] = {}
        self._reach: Key | None = None
        self._open: OrderedDict[FileName, TrailFile] = OrderedDict()

    def look(self, names: Sequence[FileName]) -> None:
        """Take notice of the files that there are; the last of `names` is not an earlier one."""
        if list(self._bounds) == names[:-1]:
            return
        for gone in self._open.keys() - set(names[:-1]):
            self._open.pop(gone).close()
        self._bounds = {
            name: self._bounds.get(name) or self._bounds_told_by(after, name)
            for name, after in pairwise(names)
        }
        self._reach = None

    def among(self, keys: Iterable[Key]) -> set[Key]:
        """Those of `keys` that the files hold."""
        wanted = sorted(keys)
        found: set[Key] = set()
        if not wanted or not self._bounds or wanted[0] > self._highest():
            return found
        for name, bounds in self._bounds.items():
            low, high = bounds or _EMPTY
            nearest = bisect_left(wanted, low)
            if nearest < len(wanted) and wanted[nearest] <= high:
                found |= self._file(name).among(wanted)
        return found

    def end(self) -> tuple[FileName, Link] | None:
        """The last sealed line there is, and its file."""
        for name in reversed(self._bounds):
            if (link := self._file(name).end) is not None:
                return name, link
        return None

    def add(self, file: TrailFile) -> None:
        """`file`, which was the newest, is an earlier one now."""
        self._bounds[file.name] = file.bounds or _EMPTY
        self._reach = None
        self._keep_open(file)

    def bounds_of(self, name: FileName) -> Bounds | None:
        """The bounds of a file, where they are known and there are any."""
        bounds = self._bounds.get(name)
        return None if bounds == _EMPTY else bounds

    def close(self) -> None:
        """Give the files back; they are opened again when needed."""
        while self._open:
            self._open.popitem()[1].close()

    def _bounds_told_by(self, after: FileName, name: FileName) -> Bounds | None:
        opening = opening_of(self._directory / str(after))
        follows = opening and opening.follows
        return follows.bounds if follows and follows.file == str(name) else None

    def _highest(self) -> Key:
        if self._reach is None:
            for name, bounds in self._bounds.items():
                if bounds is None:  # nobody tells, so the file is read
                    self._bounds[name] = self._file(name).bounds or _EMPTY
            self._reach = max(
                (bounds.high for bounds in self._bounds.values() if bounds), default=_EMPTY.high
            )
        return self._reach

    def _file(self, name: FileName) -> TrailFile:
        if (file := self._open.get(name)) is None:
            file = TrailFile(self._directory, name)
            file.catch_up()
            self._keep_open(file)
        self._open.move_to_end(name)
        return file

    def _keep_open(self, file: TrailFile) -> None:
        self._open[file.name] = file
        if len(self._open) > _OPEN_MAX:
            self._open.popitem(last=False)[1].close()
