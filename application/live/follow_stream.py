"""Question: what comes in on a stream, from some place onwards? Reads, never writes."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

import attrs

from application.live.tail import Tail
from application.ports.errors import Unavailable
from application.ports.event_feed import FeedEntry
from application.ports.positions import parse

TRY_AGAIN_S: Final = 1.0


class Pace:
    """Gives turns, `per_s` a second and one after the other, whoever asks."""

    def __init__(self, per_s: int, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._per_s: Final = per_s
        self._monotonic_s: Final = monotonic_s
        self._free_at_s = 0.0
        self._lock: Final = threading.Lock()

    def wait_s(self, turns: int = 1) -> float:
        """How long to wait for so many of them."""
        with self._lock:
            now_s = self._monotonic_s()
            begin_s = max(now_s, self._free_at_s)
            self._free_at_s = begin_s + turns / self._per_s
            return begin_s - now_s


@attrs.frozen
class Paces:
    """What all followers of a process share: how often a second any of them is handed entries, so that the
    more they are the more entries gather for each; and how many earlier entries a second are read again."""

    handing_out: Pace
    reading_again: Pace


class StreamFollower:
    """Hands out every entry after a position once, in order: what is kept of the tail where that suffices,
    otherwise read again from the store. So one that is slow costs no memory, and misses nothing.
    """

    def __init__(
        self,
        tail: Tail,
        paces: Paces,
        *,
        after: str | None,
        type: str | None = None,
        checkout_id: str | None = None,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        if after is not None:
            parse(after)
        self._tail: Final = tail
        self._paces: Final = paces
        self._type: Final = type
        self._checkout_id: Final = checkout_id
        self._monotonic_s: Final = monotonic_s
        self._watcher: Final = tail.watch()
        self._position = tail.position if after is None else after

    @property
    def ended(self) -> bool:
        """Whether nothing will follow."""
        return self._tail.closed.is_set()

    def next(self, wait_s: float) -> Sequence[FeedEntry]:
        """What follows, waiting up to `wait_s` for it; nothing where nothing came."""
        until_s = self._monotonic_s() + wait_s
        has_turn = False
        while not self.ended:
            entries = self._following(until_s)
            wanted = [entry for entry in entries if self._is_wanted(entry)]
            if wanted and not has_turn:
                has_turn = True
                if self._pause(self._paces.handing_out.wait_s()):
                    continue  # more may have come meanwhile
            if entries:
                self._position = entries[-1].position
            left_s = until_s - self._monotonic_s()
            if wanted or left_s <= 0:
                return wanted
            if not entries:
                self._watcher.wait(left_s)
        return ()

    def _is_wanted(self, entry: FeedEntry) -> bool:
        return self._type in (None, entry.type) and self._checkout_id in (None, entry.checkout_id)

    def _pause(self, pause_s: float) -> bool:
        """Wait so long, unless the service ends; whether there was anything to wait for."""
        if pause_s > 0:
            self._tail.closed.wait(pause_s)
        return pause_s > 0

    def close(self) -> None:
        self._watcher.close()

    def _following(self, until_s: float) -> Sequence[FeedEntry]:
        kept = self._tail.since(self._position)
        if kept is not None:
            return kept
        count = self._tail.limits.read_entries
        self._pause(self._paces.reading_again.wait_s(count))
        read_up_to = self._tail.position  # before the look: whatever is not above this will be seen by it
        try:
            found = self._tail.feed.read(self._tail.stream, after=self._position, count=count, block_ms=0)
        except Unavailable as error:
            self._tail.on_trouble(error)
            self._pause(min(TRY_AGAIN_S, until_s - self._monotonic_s()))
            return ()
        if not found:
            self._position = read_up_to
        return found
