"""A trail is verified file by file: whether each follows the one before, and each line the line before."""

from collections.abc import Sequence
from typing import Final

from adapters.audit.files_seen import FileSeen, lines_of
from adapters.audit.seal import PLAIN, Link, Seal, SealedLine, read_line
from adapters.audit.verified import Finding, Kind, LinePlace, Verified
from adapters.audit.verifying_chain import VerifyingChain

_OPENS: Final = b'"chain":{"method":'
_WHY_UNFINISHED: Final = (
    "a crash while it was written, which the next write sets right, or its end was cut off"
)


def place_of(file: FileSeen, place: int, line: bytes, read: SealedLine) -> LinePlace:
    """Where a sealed line is."""
    position = line.split(b'"', 4)[3].decode(errors="replace") if line.startswith(b'{"position":"') else ""
    return LinePlace(file.name, place, read.number, position, read.hash.decode())


class VerifyingTrail:
    """What is known on the way from the first file to the last."""

    def __init__(self, seals: Sequence[Seal], files: Sequence[FileSeen], noted_hash: bytes | None) -> None:
        self.verified = Verified()
        self._seals = {seal.method: seal for seal in seals}
        self._names = {file.name for file in files}
        self._noted_hash = noted_hash
        methods = [file.opening.method for file in files if file.opening]
        self._seal = next((self._seals[method] for method in methods if method in self._seals), seals[0])
        self._chain: VerifyingChain | None = None
        self._file: FileSeen = files[0]
        self._place = 0
        self._last: tuple[FileSeen, int, bytes, SealedLine] | None = None
        self._missing_files: list[tuple[Finding, str]] = []

    def walk(self, file: FileSeen, *, start: Link | None) -> None:
        """Check a file. With the first sealed one, the chain starts after `start`; None if unknown."""
        before, self._file, self._place = self._file, file, 0
        for self._place, line in enumerate(lines_of(file), 1):
            if self._place > 1:
                self._check(line)
                continue
            if self._chain is None:
                if file.opening is None and not any(map(read_line, lines_of(file))):
                    self.verified.unsealed_files += 1
                    return
                self._chain = VerifyingChain(start)
                before = file
            self._choose_seal()
            self._check_first(line, before)
        self.verified.files += 1
        if self._place == 0:
            self._say("unfinished", f"the file is empty: {_WHY_UNFINISHED}")

    def finish(self) -> Verified:
        """What was found."""
        verified = self.verified
        if self._chain is not None:
            self._chain.finish()
        for finding, name in self._missing_files:
            if finding.kind == "missing":
                finding.kind = "missing file"
                finding.what = f"{name}, which this file follows, is not here; {finding.what}"
        self._place = max(self._place, 1)
        if self._last is not None:
            verified.last = place_of(*self._last)
        elif verified.intact:
            self._say("wrong seal", "no line is sealed")
        if self._seals.keys() != {PLAIN} and not self._seal.has_key:
            self._say("wrong seal", "the trail does not end sealed with a key, although one is given")
        if self._noted_hash and verified.noted is None:
            self._say("wrong head", "no line has the hash that was noted: the end was cut off or rewritten")
        return verified

    def _choose_seal(self) -> None:
        opening = self._file.opening
        if opening is None:
            return
        chosen = self._seals.get(opening.method)
        if chosen is None:
            self._say(
                "wrong seal", f"the file is sealed with {opening.method}, which is no key that is given"
            )
            return
        if self._seal.has_key and not chosen.has_key:
            self._say("wrong seal", "the file is sealed without a key, and the one before with one")
        self._seal = chosen
        self.verified.method = chosen.method

    def _check_first(self, line: bytes, before: FileSeen) -> None:
        opening = self._file.opening
        follows = opening.follows if opening else None
        finding = self._check(line)
        if finding is not None:
            if follows and follows.file not in self._names:
                self._missing_files.append((finding, follows.file))
        elif opening is None:
            self._say("out of order", "this line was not the first of a file when it was written")
        elif before is not self._file and (follows is None or follows.file != before.name):
            name = follows.file if follows else "no file"
            self._say("missing file", f"this file follows {name}, and not {before.name}: one was renamed")

    def _check(self, line: bytes) -> Finding | None:
        assert self._chain is not None
        verified, file = self.verified, self._file
        verified.lines += 1
        read = self._chain.check(line, self._seal, file.name, self._place)
        if isinstance(read, Finding):
            if not line.endswith(b"\n"):
                read.kind, read.what = "unfinished", f"the line has no end: {_WHY_UNFINISHED}"
            verified.found(read)
            return read
        self._last = (file, self._place, line, read)
        if verified.first is None:
            verified.first = place_of(*self._last)
        if read.hash == self._noted_hash:
            verified.noted = place_of(*self._last)
        if self._place > 1 and _OPENS in line[:64]:
            self._say("out of order", "this line was the first of a file when it was written")
        return None

    def _say(self, kind: Kind, what: str) -> None:
        self.verified.found(Finding(self._file.name, self._place or 1, kind, what))
