"""The files of a trail as they were at one moment. What is added to them later is not looked at."""

from collections.abc import Iterator
from pathlib import Path

import attrs

from adapters.audit.file_name import FileName, names_in
from adapters.audit.opening import Opening, opening_of
from adapters.directory_lock import locked


class NothingToVerify(Exception):
    """There is no trail, or not the file to start from."""


@attrs.frozen
class FileSeen:
    """A file as it was when verification began; a worker may add to the newest in the meantime."""

    path: Path
    size_bytes: int
    opening: Opening | None

    @property
    def name(self) -> str:
        return self.path.name


def files_seen(directory: Path, start: str | None) -> list[FileSeen]:
    """The files that there are, from the file `start` on.

    Raises:
        NothingToVerify: there are none, or none named `start`.
        OSError: the directory cannot be read.
    """
    try:
        with locked(directory, shared=True):  # so that no line is half written
            found = [_file(directory, name) for name in names_in(directory)]
    except FileNotFoundError as error:
        raise NothingToVerify(f"audit trail in {directory}") from error
    if start is not None:
        names = [file.name for file in found]
        if start not in names:
            raise NothingToVerify(f"file {start} in {directory}")
        found = found[names.index(start) :]
    if not found:
        raise NothingToVerify(f"audit trail in {directory}")
    return found


def _file(directory: Path, name: FileName) -> FileSeen:
    path = directory / str(name)
    return FileSeen(path, path.stat().st_size, opening_of(path))


def lines_of(file: FileSeen) -> Iterator[bytes]:
    """The lines that the file had, each with its end.

    Raises:
        OSError: it cannot be read.
    """
    left_bytes = file.size_bytes
    with file.path.open("rb") as opened:
        while left_bytes > 0 and (line := opened.readline(left_bytes)):
            left_bytes -= len(line)
            yield line
