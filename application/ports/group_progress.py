"""How far a group has come, for those who wait for it."""

from typing import Protocol


class GroupProgress(Protocol):
    """It holds nothing that can write."""

    def has_handled(self, stream: str, group: str, position: str) -> bool:
        """Whether the group was handed everything up to `position` and has dealt with all of it.

        What was set aside counts as dealt with. A group that does not exist has dealt with nothing.

        Raises:
            InvalidPosition: it is none.
            Unavailable: no answer; ask again later.
        """
