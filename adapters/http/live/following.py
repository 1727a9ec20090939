"""Those who follow what comes: how many there are, and what each is sent."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Final, TypeVar
from weakref import WeakKeyDictionary

from flask import Response, request

from adapters.codec.stored import entry_of
from adapters.http import problem_kinds as kinds
from adapters.http.door.admission import Gate
from adapters.http.limits import HttpLimits
from adapters.http.live.event_stream import (
    EventStream,
    EventStreamBody,
    Follower,
    NoMoreEvents,
    frame,
    last_event_id,
)
from adapters.http.live.silent_readers import SilentReaders
from adapters.http.problems import not_found, problem
from adapters.http.rendering.shop import entry_to_wire
from application.events.recorded_event import RecordedEvent
from application.events.streams import STREAMS
from application.live.live import Live
from application.ports.event_feed import FeedEntry

Event = TypeVar("Event")


class Following:
    """At most as many follow as `followers` lets in; whoever comes on top is told to come back."""

    def __init__(self, live: Live, followers: Gate, limits: HttpLimits) -> None:
        self._live: Final = live
        self._followers: Final = followers
        self._limits: Final = limits
        self._silent: Final = SilentReaders(limits.write_timeout_s)
        self._frames: Final[WeakKeyDictionary[FeedEntry, bytes]] = WeakKeyDictionary()

    def checkout(self, checkout_id: str) -> Response:
        """One checkout, from its first event or from the last one that the caller saw, to its end. Who has
        seen the end is told that there is no more, which ends the coming back of a browser."""
        after = last_event_id()
        if request.method == "HEAD":
            return EventStream(None)
        with ExitStack() as left:
            if not self._enter(left):
                return self._refusal()
            follower = self._live.follow_checkout(checkout_id, after=after)
            left.callback(follower.close)
            first = follower.begin()
            if first is None:
                return not_found("checkout_id", f"there is no checkout {checkout_id}")
            if not first and follower.has_ended:
                return NoMoreEvents()
            return self._sent(follower, first, _recorded, left.pop_all().close)

    def stream(self, stream: str, *, after: str | None, type: str | None) -> Response:
        """A stream, after the last entry that the caller saw, or `after`, or from now on."""
        after = last_event_id() or after
        if request.method == "HEAD" and stream in STREAMS:
            return EventStream(None)
        with ExitStack() as left:
            if not self._enter(left):
                return self._refusal()
            follower = self._live.follow_stream(stream, after=after, type=type)
            if follower is None:
                return not_found("stream", f"there is no such stream; there are {', '.join(STREAMS)}")
            left.callback(follower.close)
            return self._sent(follower, (), self._entry, left.pop_all().close)

    def _enter(self, left: ExitStack) -> bool:
        if not self._followers.enter():
            return False
        left.callback(self._followers.leave)
        return True

    def _refusal(self) -> Response:
        detail = f"{self._followers.at_once} follow already; nothing is missed by connecting later"
        headers = {"Retry-After": str(self._limits.retry_after_s)}
        return problem(kinds.TOO_MANY_FOLLOWERS, detail, headers=headers)

    def _sent(
        self,
        follower: Follower[Event],
        first: Sequence[Event],
        frame_of: Callable[[Event], bytes],
        release: Callable[[], None],
    ) -> Response:
        limits = self._limits
        self._silent.give_up_in_time()
        return EventStream(
            EventStreamBody(
                follower,
                first,
                frame_of,
                release,
                heartbeat_s=limits.heartbeat_s,
                retry_s=limits.retry_after_s,
            )
        )

    def _entry(self, entry: FeedEntry) -> bytes:
        """Made once for all who follow, as long as one of them or the tail holds the entry."""
        made = self._frames.get(entry)
        if made is None:
            stored = entry.look()
            made = self._frames[entry] = frame(entry.position, stored.type, entry_to_wire(stored))
        return made


def _recorded(recorded: RecordedEvent) -> bytes:
    return frame(recorded.position, recorded.type, entry_to_wire(entry_of(recorded)))
