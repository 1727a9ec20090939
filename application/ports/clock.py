"""What time it is."""

from typing import Protocol


class Clock(Protocol):
    """A clock that does not run backwards by more than its host corrects it."""

    def now_s(self) -> float:
        """Seconds since the epoch, to the millisecond or better."""
