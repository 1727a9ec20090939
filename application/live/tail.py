"""The end of a stream as it grows, read once for all who look on (docs/adr/0020)."""

import threading
from collections import deque
from collections.abc import Callable, Collection
from typing import Final

import attrs

from application.ports.errors import Unavailable
from application.ports.event_feed import EventFeed, FeedEntry
from application.ports.positions import parse

PAUSE_FIRST_S: Final = 0.05
PAUSE_LONGEST_S: Final = 1.0
ALL: Final = None
"""Watching this is watching every checkout."""


@attrs.frozen(kw_only=True)
class TailLimits:
    """`linger_ms`: how long entries gather before those who watch are woken. `kept_entries` of together at
    most `kept_bytes` are kept for those who come to them a little later."""

    block_ms: int = 1_000
    linger_ms: int = 10
    read_entries: int = 256
    kept_entries: int = 1_024
    kept_bytes: int = 8 * 1024 * 1024


@attrs.define(eq=False)
class Watcher:
    """Is woken by what it watches, until it is closed."""

    checkout_id: str | None
    types: frozenset[str] | None
    _tail: "Tail"
    _woken: threading.Event = attrs.Factory(threading.Event)

    def wait(self, timeout_s: float) -> bool:
        """Whether something came, or the tail was closed, since the last time; at once where it has."""
        came = self._woken.wait(max(0.0, timeout_s))
        self._woken.clear()
        self._tail.keep_reading()
        return came

    def wake(self) -> None:
        self._woken.set()

    def close(self) -> None:
        self._tail.forget(self)


class Tail:
    """One thread reads the end of `stream` while anybody watches it, however many they are.

    Nothing comes twice and nothing is missed, also when the store was away meanwhile: the thread goes on
    where it was. `closed` is the end of all that goes on here. `on_trouble` is told what an attempt to
    read has failed with, each time; another follows.
    """

    def __init__(
        self,
        feed: EventFeed,
        stream: str,
        limits: TailLimits,
        closed: threading.Event,
        on_trouble: Callable[[Unavailable], None],
    ) -> None:
        self.feed: Final = feed
        self.stream: Final = stream
        self.limits: Final = limits
        self.closed: Final = closed
        self.on_trouble: Final = on_trouble
        self._lock: Final = threading.Lock()
        self._watchers: Final[dict[str | None, set[Watcher]]] = {}
        self._kept: Final[deque[tuple[tuple[int, int], FeedEntry]]] = deque()
        self._kept_bytes = 0
        self._floor = (0, 0)
        self._position = ""
        self._thread: threading.Thread | None = None

    @property
    def position(self) -> str:
        """Up to where everything was read, for whoever watches."""
        return self._position

    @property
    def is_watched(self) -> bool:
        """Whether anybody watches."""
        return bool(self._watchers)

    def watch(self, checkout_id: str | None = ALL, types: frozenset[str] | None = None) -> Watcher:
        """Be woken by the entries of this checkout, or of all; of these types, or of any. From now on.

        Raises:
            Unavailable: where the stream ends now is not known.
        """
        watcher = Watcher(checkout_id, types, self)
        with self._lock:
            self._begin()
            self._watchers.setdefault(checkout_id, set()).add(watcher)
        if self.closed.is_set():
            watcher.wake()
        return watcher

    def forget(self, watcher: Watcher) -> None:
        with self._lock:
            watching = self._watchers.get(watcher.checkout_id, set())
            watching.discard(watcher)
            if not watching:
                self._watchers.pop(watcher.checkout_id, None)

    def since(self, position: str) -> list[FeedEntry] | None:
        """What was read since `position`; None where some of that may not be kept any more."""
        place = parse(position)
        with self._lock:
            if place < self._floor:
                return None
            found = []
            for kept_place, entry in reversed(self._kept):
                if kept_place <= place:
                    break
                found.append(entry)
        found.reverse()
        return found

    def keep_reading(self) -> None:
        """Go on where the thread was, if it has ended while somebody watches."""
        with self._lock:
            if self._thread is None and self._watchers and not self.closed.is_set():
                self._run()

    def wake_all(self) -> None:
        with self._lock:
            for watching in self._watchers.values():
                for watcher in watching:
                    watcher.wake()

    def _begin(self) -> None:
        if self._thread is None and not self._watchers:
            self._position = self.feed.end(self.stream)
            self._kept.clear()
            self._kept_bytes = 0
            self._floor = parse(self._position)
        if self._thread is None and not self.closed.is_set():
            self._run()

    def _run(self) -> None:
        self._thread = threading.Thread(target=self._read_on, name=f"tail of {self.stream}", daemon=True)
        self._thread.start()

    def _read_on(self) -> None:
        pause_s = PAUSE_FIRST_S
        try:
            while self._is_wanted():
                try:
                    entries = self._read()
                except Unavailable as error:
                    self.on_trouble(error)
                    self.closed.wait(pause_s)
                    pause_s = min(2 * pause_s, PAUSE_LONGEST_S)
                    continue
                pause_s = PAUSE_FIRST_S
                if entries:
                    self._hand_out(entries)
                    self.closed.wait(self.limits.linger_ms / 1000)
        finally:
            with self._lock:
                if self._thread is threading.current_thread():
                    self._thread = None

    def _is_wanted(self) -> bool:
        """Decided together with being the thread, so that who comes to watch now starts another."""
        with self._lock:
            if self._watchers and not self.closed.is_set():
                return True
            self._thread = None
            return False

    def _read(self) -> list[FeedEntry]:
        limits = self.limits
        return self.feed.read(
            self.stream, after=self._position, count=limits.read_entries, block_ms=limits.block_ms
        )

    def _hand_out(self, entries: list[FeedEntry]) -> None:
        with self._lock:
            for entry in entries:
                self._keep(entry)
            self._position = entries[-1].position
            for entry in entries:
                self._wake(self._watchers.get(ALL, ()), entry)
                if len(self._watchers) > (ALL in self._watchers):  # its checkout may have to be looked for
                    self._wake(self._watchers.get(entry.checkout_id, ()), entry)

    def _keep(self, entry: FeedEntry) -> None:
        self._kept.append((parse(entry.position), entry))
        self._kept_bytes += entry.size_bytes
        while len(self._kept) > self.limits.kept_entries or self._kept_bytes > self.limits.kept_bytes:
            self._floor, oldest = self._kept.popleft()
            self._kept_bytes -= oldest.size_bytes

    def _wake(self, watching: Collection[Watcher], entry: FeedEntry) -> None:
        for watcher in watching:
            if watcher.types is None or entry.type in watcher.types:
                watcher.wake()
