"""Question: does the read model show what was written up to some position? Waits for it, within bounds."""

import threading
import time
from collections.abc import Callable
from typing import Final

import attrs

from application.events.streams import CHECKOUTS
from application.ports.event_feed import EventFeed
from application.ports.group_progress import GroupProgress
from application.ports.positions import parse
from domain.checkout.saga import CQRS_PROJECTION, STEPS
from domain.errors import InvalidValue

PAUSE_FIRST_S: Final = 0.005
PAUSE_LONGEST_S: Final = 0.05


@attrs.frozen
class ProjectionAwaiter:
    """`closed` ends all waiting. It holds no port that can write."""

    progress: GroupProgress
    feed: EventFeed
    closed: threading.Event
    monotonic_s: Callable[[], float] = time.monotonic

    def is_at(self, position: str) -> bool:
        """Whether the projection has dealt with everything up to `position`.

        Raises:
            InvalidPosition: it is none.
            InvalidValue: nothing can have been written there: the stream ends before it.
            Unavailable: ask again later.
        """
        if self._is_at(position):
            return True
        if parse(position) > parse(self.feed.end(CHECKOUTS)):
            raise InvalidValue("min_position", f"must not be beyond the end of {CHECKOUTS}")
        return False

    def wait(self, position: str, wait_s: float) -> bool:
        """Whether it has by the time that `wait_s` are over.

        Raises:
            Unavailable: ask again later.
        """
        until_s, pause_s = self.monotonic_s() + wait_s, PAUSE_FIRST_S
        while not self._is_at(position):
            left_s = until_s - self.monotonic_s()
            if left_s <= 0 or self.closed.wait(min(pause_s, left_s)):
                return False
            pause_s = min(2 * pause_s, PAUSE_LONGEST_S)
        return True

    def _is_at(self, position: str) -> bool:
        return self.progress.has_handled(CHECKOUTS, STEPS[CQRS_PROJECTION].group, position)
