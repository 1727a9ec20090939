"""The files of a directory as one chain of sealed lines, in the order of writing."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import attrs

from adapters.audit.earlier_files import EarlierFiles
from adapters.audit.file_name import FileName, names_in
from adapters.audit.line import Key, with_fields
from adapters.audit.opening import Follows, Opening
from adapters.audit.put_away import PutAwayFiles
from adapters.audit.seal import PLAIN, SEAL_BYTES_MAX, START, Link, Seal
from adapters.audit.trail_file import TrailFile
from application.ports.errors import Unavailable

_WRITE_BYTES_MAX: Final = 4 * 1_048_576


@attrs.define
class _Batch:
    """Lines that go to the newest file in one write."""

    end: Link
    lines: list[bytes] = attrs.Factory(list)
    keys: list[Key] = attrs.Factory(list)
    size_bytes: int = 0


class Trail:
    """To be used under the directory's lock, and after a `look`.

    The end of the chain is remembered: lines that vanish while this lives are missed by their numbers.
    Nothing that is there is ever mended, or what was done to it would not be found: where the newest file
    does not end as the chain does, the chain goes on in a new one.

    Every method raises:
        OSError: a file cannot be opened, read or written.
    """

    def __init__(self, directory: Path, seals: Sequence[Seal], *, file_max_bytes: int) -> None:
        self._directory = directory
        self._seal = seals[0]
        self._file_max_bytes = file_max_bytes
        self._earlier = EarlierFiles(directory)
        self._put_away = PutAwayFiles(directory, seals)
        self._closed: list[FileName] | None = None
        self._newest: TrailFile | None = None
        self._end = START
        self._end_file: FileName | None = None
        self._torn_bytes = 0

    def look(self) -> None:
        """Take notice of what others have done.

        Raises:
            Unavailable: the trail is sealed with a key, and there is none here.
        """
        names = names_in(self._directory)
        newest = self._newest
        if newest is not None and not (names[-1:] == [newest.name] and newest.is_still_there()):
            newest.close()
            newest = None
        if newest is None and names:
            newest = TrailFile(self._directory, names[-1])
        self._newest = newest
        self._torn_bytes = newest.catch_up() if newest else 0
        self._earlier.look(names)
        if self._closed != names[:-1]:  # a file's positions are left behind before it goes
            self._put_away.look()
            self._closed = names[:-1]
        self._find_end()

    def among(self, keys: Iterable[Key]) -> set[Key]:
        """Those of `keys` that the trail holds, in whichever file, also one that was put away."""
        wanted = list(keys)
        newest = self._newest.among(wanted) if self._newest else set()
        return newest | self._earlier.among(wanted) | self._put_away.among(wanted)

    def add(self, lines: Iterable[tuple[Key, str, bytes]], *, fsync: bool) -> None:
        """Add lines, each given as its position, its UTC day and its text, at the end of the chain."""
        notes = self._cut_torn_line()
        newest = self._newest if self._goes_on() else None
        batch = _Batch(self._end)
        for key, day, line in lines:
            if newest is None or self._is_over(newest, day, batch.size_bytes, len(line)):
                batch = self._write(batch)
                newest = self._begin(day, fsync=fsync)
            elif batch.size_bytes > _WRITE_BYTES_MAX:
                batch = self._write(batch)
            if not newest.size_bytes and not batch.lines:
                notes = self._opening().render() + notes
            sealed, batch.end = self._seal.close(with_fields(line, notes) if notes else line, batch.end)
            notes = b""
            batch.lines.append(sealed)
            batch.keys.append(key)
            batch.size_bytes += len(sealed)
        self._write(batch)

    def sync(self) -> None:
        """Make durable what the trail was seen to hold, whoever added it."""
        if self._newest is not None:
            self._newest.sync()

    def close(self) -> None:
        """Give the files back; they are opened again when needed."""
        self._earlier.close()
        if self._newest is not None:
            self._newest.close()
            self._newest = None

    def _find_end(self) -> None:
        newest = self._newest
        if newest is not None and newest.end is not None and newest.end.number >= self._end.number:
            self._end, self._end_file = newest.end, newest.name
        elif self._end == START and (found := self._earlier.end()) is not None:
            self._end_file, self._end = found
        opening = newest.opening if newest else None
        if opening is not None and opening.method != PLAIN and not self._seal.has_key:
            raise Unavailable(f"the audit trail is sealed with {opening.method}, and no key is given")

    def _goes_on(self) -> bool:
        """Whether the newest file ends as the chain does, and is sealed as new lines will be."""
        newest = self._newest
        if newest is None or newest.size_bytes == 0:
            return newest is not None
        opening = newest.opening
        sealed_alike = opening is not None and opening.method == self._seal.method
        return sealed_alike and newest.ends_sealed and newest.end == self._end

    def _is_over(self, file: TrailFile, day: str, batch_bytes: int, line_bytes: int) -> bool:
        held_bytes = file.size_bytes + batch_bytes
        too_long = held_bytes + line_bytes + SEAL_BYTES_MAX > self._file_max_bytes
        return held_bytes > 0 and (too_long or day > file.name.day)

    def _begin(self, day: str, *, fsync: bool) -> TrailFile:
        last = self._newest
        if last is not None:
            if fsync:
                last.sync()  # or a loss of power might leave a file that follows nothing
            self._earlier.add(last)
            self._closed = None
        names = [name for name in (last and last.name, self._end_file) if name]
        name = max(names).next(day) if names else FileName(day)
        self._newest = TrailFile(self._directory, name, new=True)
        return self._newest

    def _opening(self) -> Opening:
        if self._end_file is None:
            return Opening(self._seal.method, None)
        bounds = self._earlier.bounds_of(self._end_file)
        return Opening(self._seal.method, Follows(str(self._end_file), self._end.hash, bounds))

    def _cut_torn_line(self) -> bytes:
        if not self._torn_bytes or self._newest is None:
            return b""
        self._newest.cut_torn_line()
        return b',"after_torn_bytes":%d' % self._torn_bytes

    def _write(self, batch: _Batch) -> _Batch:
        if batch.lines and self._newest is not None:
            self._newest.add(b"".join(batch.lines), batch.keys, batch.end)
            self._end, self._end_file = batch.end, self._newest.name
        return _Batch(self._end)
