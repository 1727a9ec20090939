"""The register of open checkouts in memory."""

import threading
from collections.abc import Iterable, Mapping

from application.ports.cursors import follows
from application.ports.open_checkouts import OpenCheckouts


class InMemoryOpenCheckouts(OpenCheckouts):
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since_s: dict[str, float] = {}

    def opened(self, since_s: Mapping[str, float]) -> None:
        with self._lock:
            self._since_s |= since_s

    def ended(self, checkout_ids: Iterable[str]) -> None:
        with self._lock:
            for checkout_id in checkout_ids:
                self._since_s.pop(checkout_id, None)

    def count(self) -> int:
        with self._lock:
            return len(self._since_s)

    def oldest(
        self, *, count: int, before_s: float | None = None, after: tuple[str, float] | None = None
    ) -> list[tuple[str, float]]:
        with self._lock:
            noted = sorted(self._since_s.items(), key=lambda noted: (noted[1], noted[0]))
        begun = [row for row in noted if before_s is None or row[1] <= before_s]
        return [row for row in begun if after is None or follows(row, after)][:count]
