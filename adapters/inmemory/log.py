"""Streams, entity indexes, groups and dead letters in one process, with the rules of the real log.

Entries are kept encoded, so that nothing passes here which would not pass over a wire.
"""

import threading
from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Mapping

import attrs

from application.ports.clock import Clock
from application.ports.dead_letters import Decision, State
from application.ports.event_bus import DeadLetter, FailedAttempt
from application.ports.positions import parse

FAILURES_KEPT = 1_000

Place = tuple[int, int]


@attrs.define(kw_only=True)
class Held:
    """A delivery that is pending."""

    consumer: str
    since_s: float
    attempt: int


@attrs.define
class Group:
    """A cursor, and what was handed out but not acknowledged."""

    cursor: Place = (0, 0)
    pending: dict[str, Held] = attrs.Factory(dict)
    seen_s: dict[str, float] = attrs.Factory(dict)
    """Consumer -> when it last asked for something."""


@attrs.frozen(kw_only=True)
class DeadEntry:
    """A dead letter with the original entry."""

    group: str
    position: str
    fields: Mapping[bytes, bytes]
    why: DeadLetter
    at_s: float = 0.0
    state: State = "open"
    decision: Decision | None = None


@attrs.define
class StreamLog:
    """One stream and everything that lies beside it."""

    places: list[Place] = attrs.Factory(list)
    last: Place = (0, 0)
    """Of the newest entry there ever was: no position is given twice."""
    entries: dict[str, Mapping[bytes, bytes]] = attrs.Factory(dict)
    index: dict[str, dict[str, tuple[str, int]]] = attrs.Factory(dict)
    """Entity -> event id -> (position, version)."""
    snapshots: dict[str, bytes] = attrs.Factory(dict)
    groups: dict[str, Group] = attrs.Factory(dict)
    checkpoints: dict[str, Place] = attrs.Factory(dict)
    dead_letters: list[DeadEntry] = attrs.Factory(list)
    failures: deque[FailedAttempt] = attrs.Factory(lambda: deque(maxlen=FAILURES_KEPT))
    redriven: dict[tuple[str, str], Held] = attrs.Factory(dict)
    """(group, position) -> as an operator handed it to the group again, until it is dealt with."""

    def group(self, name: str) -> Group:
        """The group; one that is new or was lost begins where its last checkpoint says."""
        if name not in self.groups:
            self.groups[name] = Group(self.checkpoints.get(name, (0, 0)))
        return self.groups[name]

    def version(self, entity: str) -> int:
        return len(self.index.get(entity, ()))

    def after(self, place: Place, count: int) -> list[Place]:
        first = bisect_right(self.places, place)
        return self.places[first : first + count]

    def before(self, place: Place, count: int) -> list[Place]:
        end = bisect_left(self.places, place)
        return self.places[max(0, end - count) : end][::-1]


class InMemoryLog:
    """All streams of one process. Share one instance between a store and a bus; `lock` guards it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.lock = threading.Condition()
        self._streams: defaultdict[str, StreamLog] = defaultdict(StreamLog)

    def stream(self, name: str) -> StreamLog:
        return self._streams[name]

    def add(self, stream: str, fields: Mapping[bytes, bytes]) -> str:
        """Put an entry at the end, as any program may; its position."""
        with self.lock:
            log = self.stream(stream)
            now = (int(self.clock.now_s() * 1000), 0)
            place = log.last = now if now > log.last else (log.last[0], log.last[1] + 1)
            position = text_of(place)
            log.places.append(place)
            log.entries[position] = dict(fields)
            self.lock.notify_all()
            return position

    def remove(self, stream: str, position: str) -> None:
        """Take an entry out, as an operator may; what points to it stays."""
        with self.lock:
            log = self.stream(stream)
            del log.entries[position]
            log.places.remove(place_of(position))

    def adopt(self, stream: str, entity: str, position: str, *, starts: bool) -> tuple[int | None, bool]:
        """Give a foreign entry its place in the entity's history: its version, the same each time, and
        whether that is new. None where it would have to be the first and is no start."""
        with self.lock:
            index = self.stream(stream).index
            if not starts and not index.get(entity):
                return None, False
            known = index.setdefault(entity, {})
            is_new = position not in known
            return known.setdefault(position, (position, len(known) + 1))[1], is_new


def text_of(place: Place) -> str:
    """The position at `place`."""
    return f"{place[0]}-{place[1]}"


def place_of(position: str) -> Place:
    """The place of a position.

    Raises:
        InvalidPosition: it is none.
    """
    return parse(position)
