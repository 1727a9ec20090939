"""Server-Sent Events (HTML Living Standard, 9.2): what is asked for, and what is sent."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, Generic, Protocol, TypeVar
from wsgiref.types import WSGIEnvironment

import orjson
import structlog
from flask import request
from werkzeug.datastructures import Headers

from adapters.http.answers import JSON, Answer
from adapters.http.query import CURSOR_CHARS_MAX, is_cursor
from domain.errors import InvalidValue

EVENT_STREAM: Final = "text/event-stream"
HEARTBEAT: Final = b":\n\n"
CHUNK_MAX_BYTES: Final = 64 * 1024
"""What is sent at once, but for one event that is longer: who reads slowly holds no more."""

Event = TypeVar("Event")
Found_co = TypeVar("Found_co", covariant=True)


class Follower(Protocol[Found_co]):
    """Hands out what it follows, until it has ended."""

    @property
    def ended(self) -> bool: ...

    def next(self, wait_s: float) -> Sequence[Found_co]: ...


def wants_events() -> bool:
    """Whether the caller accepts an event stream by name, and rather than JSON."""
    if EVENT_STREAM not in request.environ.get("HTTP_ACCEPT", "").lower():
        return False
    return request.accept_mimetypes.best_match([JSON, EVENT_STREAM]) == EVENT_STREAM


def last_event_id() -> str | None:
    """The `Last-Event-ID` header: the position of what the caller saw last.

    Raises:
        InvalidValue: it cannot be one.
    """
    given: str | None = request.environ.get("HTTP_LAST_EVENT_ID") or None
    if given is not None and not is_cursor(given):
        raise InvalidValue("Last-Event-ID", f"must be 1 to {CURSOR_CHARS_MAX} printable ASCII characters")
    return given


def frame(position: str, type: str | None, wire: object) -> bytes:
    """One event. A type that another program made up, and that is no single line, is left out."""
    name = f"event: {type}\n" if type and type.isprintable() else ""
    return f"id: {position}\n{name}data: ".encode() + orjson.dumps(wire) + b"\n\n"


class EventStreamBody(Generic[Event]):
    """The body of an event stream, made while it is sent: `first`, then what `follower` hands out.

    `release` is called once, when all is sent or the server finds that nobody listens any more: at the next
    thing that is sent, so within `heartbeat_s`.
    """

    def __init__(
        self,
        follower: Follower[Event],
        first: Sequence[Event],
        frame_of: Callable[[Event], bytes],
        release: Callable[[], None],
        *,
        heartbeat_s: float,
        retry_s: int,
    ) -> None:
        self._follower: Final = follower
        self._ready: Final = deque(first)
        self._frame_of: Final = frame_of
        self._heartbeat_s: Final = heartbeat_s
        self._release: Final = release
        self._opening: bytes | None = f"retry: {retry_s * 1000}\n\n".encode()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._opening is not None:  # at once, so that the caller knows to be connected
            opening, self._opening = self._opening, None
            return opening
        try:
            part = self._part()
        except Exception:
            # The server would end the answer without a word, as if there were no more events.
            structlog.get_logger(__name__).exception("follower lost")
            raise
        if part is None:
            raise StopIteration
        return part

    def _part(self) -> bytes | None:
        """What is sent next; None when all is sent."""
        if not self._ready and not self._follower.ended:
            self._ready.extend(self._follower.next(self._heartbeat_s))
        if self._ready:
            return self._chunk()
        return None if self._follower.ended else HEARTBEAT

    def _chunk(self) -> bytes:
        frames, size = [], 0
        while self._ready and size < CHUNK_MAX_BYTES:
            frames.append(self._frame_of(self._ready.popleft()))
            size += len(frames[-1])
        return b"".join(frames)

    def close(self) -> None:
        self._release()


class NoMoreEvents(Answer):
    """204, upon which a browser stops connecting again."""

    def __init__(self) -> None:
        fields = [("Cache-Control", "no-store"), ("Vary", "Accept")]
        super().__init__(None, 204, Headers(fields))
        del self.headers["Content-Type"]  # which the framework adds


class EventStream(Answer):
    """An answer that has no end yet."""

    def __init__(self, body: EventStreamBody[Event] | None) -> None:
        fields = [
            ("Content-Type", EVENT_STREAM),
            ("Cache-Control", "no-store"),
            ("X-Accel-Buffering", "no"),  # for nginx, and what is built on it
            ("Vary", "Accept"),
        ]
        super().__init__(None, 200, Headers(fields))
        self._body = body

    def get_app_iter(self, environ: WSGIEnvironment) -> Iterable[bytes]:
        """The body itself, which the server sends bit by bit and closes."""
        return self._body or []
