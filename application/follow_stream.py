"""Question: what comes in on a stream, from some place onwards? Reads, never writes."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from application.ports.errors import Unavailable
from application.ports.event_feed import FeedEntry
from application.positions import parse
from application.tail import Tail

TRY_AGAIN_S: Final = 1.0


class Pace:
    """Lets at most `per_s` entries a second be read again from the store, whoever asks."""

    def __init__(self, per_s: int, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._per_s: Final = per_s
        self._monotonic_s: Final = monotonic_s
        self._free_at_s = 0.0
        self._lock: Final = threading.Lock()

    def wait_s(self, entries: int) -> float:
        """How long to wait for so many of them."""
        with self._lock:
            now_s = self._monotonic_s()
            begin_s = max(now_s, self._free_at_s)
            self._free_at_s = begin_s + entries / self._per_s
            return begin_s - now_s


class StreamFollower:
    """Hands out every entry after `position` once, in order: what is kept of the tail where that suffices,
    otherwise read again from the store. So one that is slow costs no memory, and misses nothing.

    `linger_s`: how long entries gather before further ones are handed out.
    """

    def __init__(
        self,
        tail: Tail,
        pace: Pace,
        *,
        after: str | None,
        type: str | None = None,
        linger_s: float = 0.0,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        if after is not None:
            parse(after)
        self._tail: Final = tail
        self._pace: Final = pace
        self._type: Final = type
        self._linger_s: Final = linger_s
        self._monotonic_s: Final = monotonic_s
        self._has_handed_out = False
        self._watcher: Final = tail.watch()
        self._position = tail.position if after is None else after

    @property
    def ended(self) -> bool:
        """Whether nothing will follow."""
        return self._tail.closed.is_set()

    def next(self, wait_s: float) -> Sequence[FeedEntry]:
        """What follows, waiting up to `wait_s` for it; nothing where nothing came."""
        until_s = self._monotonic_s() + wait_s
        if self._has_handed_out:
            self._tail.closed.wait(self._linger_s)
        while not self.ended:
            entries = self._following(until_s)
            if entries:
                self._position = entries[-1].position
            wanted = [entry for entry in entries if self._type is None or entry.type == self._type]
            left_s = until_s - self._monotonic_s()
            if wanted or left_s <= 0:
                self._has_handed_out = bool(wanted)
                return wanted
            if not entries:
                self._watcher.wait(left_s)
        return ()

    def close(self) -> None:
        self._watcher.close()

    def _following(self, until_s: float) -> Sequence[FeedEntry]:
        kept = self._tail.since(self._position)
        if kept is not None:
            return kept
        count = self._tail.limits.read_entries
        self._tail.closed.wait(self._pace.wait_s(count))
        read_up_to = self._tail.position  # before the look: whatever is not above this will be seen by it
        try:
            found = self._tail.feed.read(self._tail.stream, after=self._position, count=count, block_ms=0)
        except Unavailable as error:
            self._tail.on_trouble(error)
            self._tail.closed.wait(min(TRY_AGAIN_S, max(0.0, until_s - self._monotonic_s())))
            return ()
        if not found:
            self._position = read_up_to
        return found
