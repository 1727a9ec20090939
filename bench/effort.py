"""How much trouble a measurement may take."""

from collections.abc import Callable
from typing import Final, Protocol

import attrs

from bench.figures import Figure


@attrs.frozen(kw_only=True)
class Effort:
    """`seconds` a round, about; `full` adds what takes minutes: a stream of a million events."""

    seconds: float = 2.0
    rounds: int = 3
    full: bool = False

    def count(self, per_second: float, *, least: int, most: int) -> int:
        """How many of something fill a round at that rate."""
        return max(least, min(most, int(per_second * self.seconds)))


class Measurement(Protocol):
    """One file of this folder: its figures, from processes and directories that are gone afterwards."""

    def __call__(self, effort: Effort) -> list[Figure]: ...


PER_MILLION: Final = 1e6
Timed = Callable[[], float]


def rounds(effort: Effort, *measured: Timed) -> tuple[tuple[float, ...], ...]:
    """Each of `measured` in turn, round after round, so that they meet the same weather."""
    taken = [[measure() for measure in measured] for _ in range(effort.rounds)]
    return tuple(zip(*taken, strict=True))
