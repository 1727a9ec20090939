"""Whether lines follow from each other; and where they do not, what has been done to them.

A line fits where it has the next number and a hash over the hash before. After one that does not fit there
are several ways on: as if it had been changed where it stands, as if it had been put there, as if those
before it had been taken away. The line after tells which it was.
"""

from collections.abc import Iterator
from typing import Final

import attrs

from adapters.audit.seal import Link, Seal, SealedLine, read_line
from adapters.audit.verified import Finding, Kind


@attrs.frozen
class _Way:
    """The next line fits if it has this number, and follows a line with this hash. None fits any."""

    number: int | None
    before: bytes | None
    kind: Kind | None = None
    """What has been done to the line before if this is the way on; None where it was in order."""


@attrs.frozen
class _Suspect:
    """A line that did not fit: what was said of it, its number, and the number it should have had."""

    finding: Finding
    number: int | None
    expected: int | None


class VerifyingChain:
    """Is given each line in turn."""

    def __init__(self, start: Link | None) -> None:
        first = _Way(start.number + 1, start.hash) if start else _Way(None, None)
        self._ways: tuple[_Way, ...] = (first,)
        self._suspect: _Suspect | None = None
        self._inserted: dict[int, Finding] = {}

    @property
    def next_number(self) -> int | None:
        """The number of the line that comes next, as far as that is known."""
        return self._ways[0].number

    def check(self, line: bytes, seal: Seal, file: str, place: int) -> SealedLine | Finding:
        """The line in its parts if it fits. A finding may be made more precise by the lines that follow."""
        read = read_line(line)
        if read is not None:
            for way in self._ways:
                if _fits(way, read, seal):
                    return self._go(way, read)
        return self._doubt(read, seal, file, place)

    def _go(self, way: _Way, read: SealedLine) -> SealedLine:
        if self._suspect is not None:
            self._settle(way.kind)
        self._ways = (_Way(read.number + 1, read.hash),)
        return read

    def _doubt(self, read: SealedLine | None, seal: Seal, file: str, place: int) -> Finding:
        self._settle(None)
        expected = self.next_number
        finding = Finding(file, place, *_first_guess(read, expected))
        self._suspect = _Suspect(finding, read and read.number, expected)
        self._ways = tuple(_ways_on(self._ways[0], read, seal))
        return finding

    def finish(self) -> None:
        """There are no more lines."""
        self._settle(None)

    def _settle(self, kind: Kind | None) -> None:
        """Say of the line before what it turned out to be; with None, the first guess stands."""
        suspect, self._suspect = self._suspect, None
        if suspect is None:
            return
        finding, number = suspect.finding, suspect.number
        if kind is not None and kind != finding.kind:
            finding.kind, finding.what = kind, _WORDS[kind]
        if number is None or suspect.expected is None:
            return
        if finding.kind == "inserted":
            finding.what = f"number {number} does not belong here; number {suspect.expected} does"
            if len(self._inserted) < _INSERTED_MAX:
                self._inserted[number] = finding
        if finding.kind == "missing":
            for moved in self._inserted.keys() & range(suspect.expected, number):
                self._inserted.pop(moved).kind = "out of order"


_INSERTED_MAX: Final = 1_000
_WORDS: Final[dict[Kind, str]] = {
    "changed": "the line was changed, or its number or hash",
    "inserted": "the line does not belong here",
    "missing": "lines are missing before this one",
}


def _fits(way: _Way, read: SealedLine, seal: Seal) -> bool:
    if way.number is not None and way.number != read.number:
        return False
    return way.before is None or seal.hash_of(way.before, read.content) == read.hash


def _first_guess(read: SealedLine | None, expected: int | None) -> tuple[Kind, str]:
    if read is None:
        return "changed", "the line does not end in a number and a hash"
    if expected is None or read.number == expected:
        return "changed", _WORDS["changed"]
    if read.number < expected:
        return "inserted", _WORDS["inserted"]
    last = read.number - 1
    numbers = f"number {last} is" if last == expected else f"numbers {expected} to {last} are"
    return "missing", f"{numbers} missing before this line"


def _ways_on(way: _Way, read: SealedLine | None, seal: Seal) -> Iterator[_Way]:
    """The likeliest first: it is what counts where the line after fits none of them."""
    in_place = None if way.number is None else way.number + 1
    if read is None:
        yield _Way(in_place, None, "changed")
        yield attrs.evolve(way, kind="inserted")
        return
    changed = [_Way(in_place, read.hash, "changed")]
    if way.before is not None:
        changed.append(_Way(in_place, seal.hash_of(way.before, read.content), "changed"))
    inserted = attrs.evolve(way, kind="inserted")
    if way.number is None or read.number == way.number:
        yield from (*changed, inserted)
    elif read.number < way.number:
        yield from (inserted, *changed)
    else:
        yield from (_Way(read.number + 1, read.hash, "missing"), *changed, inserted)
