"""The server's clock, as far as this machine's can tell it."""

import time

from redis import Redis


class ServerClock:
    """The difference between the two clocks is measured now and then, and not asked for each time."""

    def __init__(self, client: "Redis") -> None:
        self._redis = client
        self._ahead_s = 0.0

    def measure(self) -> None:
        """Ask the server; half of the time that takes counts as the way."""
        asked_s = time.time()
        seconds, micros = self._redis.time()
        self._ahead_s = seconds + micros / 1e6 - (asked_s + time.time()) / 2

    def now_ms(self) -> float:
        """Milliseconds since the epoch."""
        return (time.time() + self._ahead_s) * 1000

    def age_s(self, place: bytes) -> float:
        """The time since the entry at `place` was recorded."""
        return max(0.0, self.now_ms() - int(place.split(b"-")[0])) / 1000
