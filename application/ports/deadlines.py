"""When each open checkout's time is up."""

from collections.abc import Iterable, Mapping
from typing import Protocol


class Deadlines(Protocol):
    """A durable timetable: checkout id -> epoch seconds.

    Every method raises:
        Unavailable: no answer; all of them may be repeated.
    """

    def schedule(self, due_s: Mapping[str, float]) -> None:
        """Note these. One already noted keeps its time."""

    def postpone(self, due_s: Mapping[str, float]) -> None:
        """Give those that are noted another time; others are no matter."""

    def upcoming(self, *, count: int, after: str | None = None) -> tuple[list[tuple[str, float]], str | None]:
        """At most `count` (checkout id, due) that follow the cursor `after`, earliest first, and the
        cursor for more, None at the end.

        Raises:
            InvalidPosition: `after` is no cursor.
        """

    def cancel(self, checkout_ids: Iterable[str]) -> None:
        """Forget these; unknown ones are no matter."""

    def due(self, now_s: float, *, count: int) -> list[str]:
        """At most `count` checkouts whose time is up at `now_s`, earliest first. They stay noted."""
