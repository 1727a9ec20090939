"""A clock that stands still until it is told otherwise."""

import attrs

from application.ports.clock import Clock


@attrs.define
class FakeClock(Clock):
    now: float = 1_700_000_000.0

    def now_s(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
