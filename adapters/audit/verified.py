"""What a verification of the trail found."""

from typing import Final, Literal

import attrs

FINDINGS_MAX: Final = 100

Kind = Literal[
    "changed", "inserted", "missing", "out of order", "unfinished", "missing file", "wrong seal", "wrong head"
]


@attrs.define
class Finding:
    """Something wrong: the file, the line in it counted from 1, and what it is."""

    file: str
    line: int
    kind: Kind
    what: str


@attrs.frozen
class LinePlace:
    """A line that is in order: where it is, its number in the trail, its position in the stream, its hash."""

    file: str
    line: int
    number: int
    position: str
    hash: str


@attrs.define(kw_only=True)
class Verified:
    """`findings` are the first ones, in the order of the trail; `findings_more` counts the others."""

    files: int = 0
    lines: int = 0
    unsealed_files: int = 0
    """Written before lines were sealed. Nothing can be said of them."""
    method: str | None = None
    """How the newest file is sealed."""
    first: LinePlace | None = None
    last: LinePlace | None = None
    """The head of the trail."""
    noted: LinePlace | None = None
    """The line whose hash was noted elsewhere and asked for."""
    findings: list[Finding] = attrs.Factory(list)
    findings_more: int = 0

    @property
    def intact(self) -> bool:
        return not self.findings

    def found(self, finding: Finding) -> None:
        """Add a finding."""
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(finding)
        else:
            self.findings_more += 1
