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

    def cancel(self, checkout_ids: Iterable[str]) -> None:
        """Forget these; unknown ones are no matter."""

    def due(self, now_s: float, *, count: int) -> list[str]:
        """At most `count` checkouts whose time is up at `now_s`, earliest first. They stay noted."""
