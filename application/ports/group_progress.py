"""How far a group has come, for those who wait for it."""

from collections.abc import Collection, Sequence
from typing import Protocol

import attrs

from application.ports.event_bus import FailedAttempt, PendingDelivery


@attrs.frozen(kw_only=True)
class GroupPlace:
    """A group's cursor, the oldest of its `pending` deliveries, and the checkpoint it last saved, if any."""

    group: str
    cursor: str
    pending: int = 0
    oldest_pending: str | None = None
    checkpoint: str | None = None


class GroupProgress(Protocol):
    """It holds nothing that can write."""

    def has_handled(self, stream: str, group: str, position: str) -> bool:
        """Whether the group was handed everything up to `position` and has dealt with all of it.

        What was set aside counts as dealt with. A group that does not exist has dealt with nothing.

        Raises:
            InvalidPosition: it is none.
            Unavailable: no answer; ask again later.
        """

    def places(self, stream: str) -> list[GroupPlace]:
        """Where each group of the stream is, by name. A checkpoint must not be newer than the rest.

        Raises:
            Unavailable: no answer; ask again later.
        """

    def pending(self, stream: str, places: Sequence[tuple[str, str]]) -> list[PendingDelivery | None]:
        """For each (group, position): the delivery, while it is pending. None also where there is no such
        group.

        Raises:
            Unavailable: no answer; ask again later.
        """

    def failures(self, stream: str, positions: Collection[str]) -> list[FailedAttempt]:
        """The failed attempts at these that are still remembered, in whatever group, newest first.

        Raises:
            Unavailable: no answer; ask again later.
        """
