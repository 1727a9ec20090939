"""Which deliveries a group has dealt with, for steps whose effect cannot be repeated."""

from collections.abc import Sequence
from typing import Protocol


class Inbox(Protocol):
    """Remembers positions per group, also across a group that is lost and begins again.

    Every method raises:
        Unavailable: no answer; all of them may be repeated.
    """

    def unseen(self, group: str, positions: Sequence[str]) -> set[str]:
        """Those of `positions` that were not marked."""

    def mark(self, group: str, positions: Sequence[str]) -> None:
        """Remember that these are dealt with."""
