"""What came out of looking whether everything that is kept agrees."""

from typing import Literal

import attrs

FINDINGS_MAX = 100
"""Findings that are kept; of the rest only the number."""

Check = Literal["groups", "histories", "stock", "read model", "audit trail"]


@attrs.frozen
class Finding:
    """Two things that do not agree: where, and how."""

    check: Check
    where: str
    what: str


@attrs.define
class Verdict:
    """`looked_at`: how many things of each kind were looked at. `whole`: no older entry was left out.

    `gone` are the positions that the audit trail has and the stream has not, oldest first; those that an
    earlier restore is known to have lost are no findings.
    """

    looked_at: dict[Check, int] = attrs.Factory(dict)
    whole: bool = True
    open_checkouts: int = 0
    gone: list[str] = attrs.Factory(list)
    findings: list[Finding] = attrs.Factory(list)
    findings_more: int = 0

    @property
    def agrees(self) -> bool:
        return not self.findings

    def looks_at(self, check: Check, count: int = 1) -> None:
        """So many more were looked at."""
        self.looked_at[check] = self.looked_at.get(check, 0) + count

    def found(self, check: Check, where: str, what: str) -> None:
        """Keep a finding, or count it."""
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(Finding(check, where, what))
        else:
            self.findings_more += 1

    def of(self, check: Check) -> list[Finding]:
        """The findings of one check."""
        return [finding for finding in self.findings if finding.check == check]
