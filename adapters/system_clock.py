"""The machine's clock."""

import time

from application.ports.clock import Clock


class SystemClock(Clock):
    def now_s(self) -> float:
        return time.time()
