"""The names of the files of a trail, which order as the files do."""

import re
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

import attrs

_DAY_S: Final = 86_400
_FIRST_DAY: Final = date(1970, 1, 1).toordinal()
_LAST_DAY: Final = date.max.toordinal() - _FIRST_DAY  # another program may give a record any time it likes

_form = re.compile(r"audit-(\d{4}-\d\d-\d\d)(?:_(\d{4,9}))?\.ndjson").fullmatch


@attrs.frozen(order=True)
class FileName:
    """`audit-2026-11-22.ndjson`; the second file of a day is `audit-2026-11-22_0002.ndjson`, and so on."""

    day: str
    part: int = 1

    @classmethod
    def parse(cls, text: str) -> "FileName | None":
        """None where it is not the name of such a file."""
        found = _form(text)
        name = found and cls(found[1], int(found[2] or 1))
        return name if str(name) == text else None

    def __str__(self) -> str:
        return f"audit-{self.day}{f'_{self.part:04}' if self.part > 1 else ''}.ndjson"

    def next(self, day: str) -> "FileName":
        """The name of a file that is begun on `day` after this one."""
        return FileName(day) if day > self.day else FileName(self.day, self.part + 1)


def names_in(directory: Path) -> list[FileName]:
    """The files of the trail in `directory`, in order. Other files are none of ours.

    Raises:
        OSError: the directory cannot be read.
    """
    return sorted(name for entry in directory.iterdir() if (name := FileName.parse(entry.name)))


def day_of(at_s: float) -> str:
    """The UTC day of a moment, epoch seconds."""
    return _day(int(at_s // _DAY_S))


@lru_cache
def _day(number: int) -> str:
    return str(date.fromordinal(_FIRST_DAY + min(max(number, 0), _LAST_DAY)))
