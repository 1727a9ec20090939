"""The timetable in memory."""

import threading
from collections.abc import Iterable, Mapping

from application.ports.cursors import cursor_of, follows, row_of
from application.ports.deadlines import Deadlines


class InMemoryDeadlines(Deadlines):
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._due_s: dict[str, float] = {}

    def schedule(self, due_s: Mapping[str, float]) -> None:
        with self._lock:
            self._due_s = {**due_s, **self._due_s}

    def postpone(self, due_s: Mapping[str, float]) -> None:
        with self._lock:
            self._due_s |= {id_: due for id_, due in due_s.items() if id_ in self._due_s}

    def upcoming(self, *, count: int, after: str | None = None) -> tuple[list[tuple[str, float]], str | None]:
        last = row_of(after) if after is not None else None
        with self._lock:
            rows = sorted(self._due_s.items(), key=lambda noted: (noted[1], noted[0]))
        rest = [row for row in rows if last is None or follows(row, last)]
        return rest[:count], cursor_of(rest[count - 1]) if len(rest) > count else None

    def cancel(self, checkout_ids: Iterable[str]) -> None:
        with self._lock:
            for checkout_id in checkout_ids:
                self._due_s.pop(checkout_id, None)

    def due(self, now_s: float, *, count: int) -> list[str]:
        with self._lock:
            late = [(due_s, id_) for id_, due_s in self._due_s.items() if due_s <= now_s]
        return [id_ for _, id_ in sorted(late)[:count]]
