"""Question: what happens to one checkout, from some place to its end? Reads, never writes."""

import math
import time
from collections.abc import Callable, Sequence
from typing import Final

from application.events.recorded_event import RecordedEvent
from application.live.tail import Tail
from application.ports.errors import Unavailable
from application.ports.positions import parse
from application.questions.replay_checkout import CheckoutReplayer, Replay

LOOK_AGAIN_S: Final = 1.0
"""How long after an entry that is not in the history yet: another program's is there once it is adopted."""


class CheckoutFollower:
    """Hands out every event of a checkout once, by its version, until the checkout has ended.

    What is handed out is read from the checkout's own history, so that nothing depends on which entries
    passed by. `after` is the position of an event: those above its version follow. Where the checkout has
    no event there, those at later positions do.
    """

    def __init__(
        self,
        tail: Tail,
        replayer: CheckoutReplayer,
        checkout_id: str,
        *,
        after: str | None = None,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._after = after if after is None else parse(after)
        self._tail: Final = tail
        self._replayer: Final = replayer
        self._checkout_id: Final = checkout_id
        self._monotonic_s: Final = monotonic_s
        self._version = 0
        self._look_again_s = math.inf
        self.has_ended = False
        self._watcher: Final = tail.watch(checkout_id)

    @property
    def ended(self) -> bool:
        """Whether nothing will follow: the checkout has ended, or the service does."""
        return self.has_ended or self._tail.closed.is_set()

    def begin(self) -> Sequence[RecordedEvent] | None:
        """What there is already; None where there is no such checkout.

        Raises:
            Unavailable: ask again later.
        """
        replay = self._replayer.replay(self._checkout_id)
        if replay is None:
            return None
        if self._after is not None:
            self._version = _version_at(replay, self._after)
        return self._fresh(replay)

    def next(self, wait_s: float) -> Sequence[RecordedEvent]:
        """What follows, waiting up to `wait_s` for it; nothing where nothing came."""
        until_s = self._monotonic_s() + wait_s
        while not self.ended:
            fresh = self._look()
            left_s = until_s - self._monotonic_s()
            if fresh or left_s <= 0:
                return fresh
            if self._watcher.wait(min(left_s, self._look_again_s)):
                self._look_again_s = LOOK_AGAIN_S
        return ()

    def close(self) -> None:
        self._watcher.close()

    def _look(self) -> Sequence[RecordedEvent]:
        try:
            replay = self._replayer.replay(self._checkout_id)
        except Unavailable as error:
            self._tail.on_trouble(error)
            self._look_again_s = LOOK_AGAIN_S
            return ()
        return self._fresh(replay) if replay else ()

    def _fresh(self, replay: Replay) -> Sequence[RecordedEvent]:
        self.has_ended = replay.has_ended
        fresh = [event.recorded for event in replay.events if event.recorded.version > self._version]
        if fresh:
            self._version = fresh[-1].version
            self._look_again_s = math.inf
        return fresh


def _version_at(replay: Replay, place: tuple[int, int]) -> int:
    events = [event.recorded for event in replay.events]
    exactly = [event.version for event in events if parse(event.position) == place]
    before = [event.version for event in events if parse(event.position) <= place]
    return max(exactly or before, default=0)
