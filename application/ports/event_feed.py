"""What comes in on a stream, for those who look on: no group, no acknowledging, nothing is changed."""

from typing import Protocol

from application.ports.event_store import StoredEntry


class FeedEntry(Protocol):
    """One entry as it came: its headings at once, the rest when somebody looks."""

    @property
    def position(self) -> str: ...

    @property
    def type(self) -> str:
        """Empty where it has none."""

    @property
    def checkout_id(self) -> str | None:
        """The checkout it belongs to, whoever wrote it; None where it tells of none."""

    @property
    def size_bytes(self) -> int:
        """About what it takes to keep it."""

    def look(self) -> StoredEntry:
        """All of it; never raises, whatever it is."""


class EventFeed(Protocol):
    """The entries of a stream in the order of their positions, each as soon as it is there.

    It holds nothing that can write. Any number may read at the same time, and each sees every entry.

    Every method raises:
        Unavailable: no answer; ask again, with the same position.
    """

    def read(self, stream: str, *, after: str, count: int, block_ms: int) -> list[FeedEntry]:
        """At most `count` entries that follow the position `after`, waiting up to `block_ms` for the first.

        With 0 it must answer at once. What follows `0-0` is the whole stream.

        Raises:
            InvalidPosition: `after` is no position.
        """

    def end(self, stream: str) -> str:
        """The position of the newest entry there ever was, `0-0` before the first."""
