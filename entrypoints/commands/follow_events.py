"""`comptoir events --follow`: what comes in on a stream, as it comes."""

import sys
import threading
from collections.abc import Callable, Sequence
from typing import Final

import attrs
import orjson
from rich.text import Text

from adapters.http.rendering.shop import entry_to_wire
from application.events.streams import STREAMS
from application.ports.errors import Unavailable
from application.ports.event_feed import EventFeed, FeedEntry
from application.ports.event_store import StoredEntry
from entrypoints.commands.endings import Ended, forget_output, not_found
from entrypoints.commands.session import Screen, Session
from entrypoints.exit_codes import ExitCode

LOOK_UP_S: Final = 0.5
"""How soon it is noticed that whoever read the output has gone, while nothing comes."""

LineOf = Callable[[StoredEntry], Text]


class PatientFeed(EventFeed):
    """A feed that tells once when the store goes away, for as long as it is; who reads tries again."""

    def __init__(self, feed: EventFeed, tell: Callable[[str], None]) -> None:
        self._feed: Final = feed
        self._tell: Final = tell
        self._lock: Final = threading.Lock()
        self._is_away = False

    def read(self, stream: str, *, after: str, count: int, block_ms: int) -> list[FeedEntry]:
        try:
            found = self._feed.read(stream, after=after, count=count, block_ms=block_ms)
        except Unavailable as error:
            if self._now(is_away=True):
                self._tell(f"the server does not answer, and is waited for: {error}")
            raise
        self._now(is_away=False)
        return found

    def end(self, stream: str) -> str:
        return self._feed.end(stream)

    def _now(self, *, is_away: bool) -> bool:
        """Whether that is news."""
        with self._lock:
            changed, self._is_away = self._is_away != is_away, is_away
            return changed


@attrs.frozen(kw_only=True)
class Only:
    """What is wanted of a stream: what comes after a position, or from now on; of a type, of a checkout."""

    after: str | None
    type: str | None
    checkout_id: str | None


def follow_stream(
    here: Session, stream: str, only: Only, count: int | None, line_of: LineOf | None
) -> ExitCode:
    """Show each event on a line, as JSON where there is no `line_of`; at most `count` of them. Ctrl-C is how
    it ends, and so is a reader that has gone.

    Raises:
        InvalidPosition, Unavailable, Ended: it could not begin.
    """
    feed = PatientFeed(here.shop.event_feed(), _tell)
    live = here.shop.new_live(feed=feed, on_trouble=lambda _: None)
    try:
        follower = live.follow_stream(stream, **attrs.asdict(only))
        if follower is None:
            raise no_such_stream(stream)
        while count != 0 and not here.console.has_no_reader():
            entries = follower.next(LOOK_UP_S)[:count]
            _show(here.console, [entry.look() for entry in entries], line_of)
            count = None if count is None else count - len(entries)
    except KeyboardInterrupt:
        pass
    except BrokenPipeError:
        forget_output()
    finally:
        live.close()
    return ExitCode.FINE


def no_such_stream(stream: str) -> Ended:
    """It is none of ours."""
    return not_found(f"stream {stream}; there are {', '.join(STREAMS)}")


def _show(console: Screen, entries: Sequence[StoredEntry], line_of: LineOf | None) -> None:
    for entry in entries:
        if line_of is None:
            console.file.write(orjson.dumps(entry_to_wire(entry)).decode() + "\n")
        elif console.is_terminal:
            console.print(line_of(entry), no_wrap=True, overflow="ellipsis")
        else:
            console.print(line_of(entry), soft_wrap=True)
    if entries:
        console.file.flush()


def _tell(line: str) -> None:
    print(f"comptoir: {line}", file=sys.stderr)  # noqa: T201 - for people, and not a log line
