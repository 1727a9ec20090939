"""The memory of what a group has dealt with, in memory."""

import threading
from collections.abc import Sequence

from application.ports.inbox import Inbox


class InMemoryInbox(Inbox):
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, set[str]] = {}

    def unseen(self, group: str, positions: Sequence[str]) -> set[str]:
        with self._lock:
            return set(positions) - self._seen.get(group, set())

    def mark(self, group: str, positions: Sequence[str]) -> None:
        with self._lock:
            self._seen.setdefault(group, set()).update(positions)
