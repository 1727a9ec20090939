"""Which troubles come when: drawn from a seed before anything starts."""

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Final, Literal

import attrs

from entrypoints.settings import WORKERS

Kind = Literal["kill worker", "freeze", "kill server", "kill API", "fill memory"]
ONCE_OR_TWICE: Final[tuple[Kind, ...]] = ("freeze", "kill server", "kill server", "kill API", "fill memory")
FREEZABLE: Final = tuple(name for name in WORKERS if name != "stock-compensation")
"""Workers that are sure to have something in hand soon."""


@attrs.frozen(order=True)
class Trouble:
    """`worker` is whom it befalls; if that one is dead at the moment, the next that lives."""

    at_s: float
    kind: Kind
    worker: str = ""

    def __str__(self) -> str:
        return f"at {self.at_s:.1f} s {self.kind} {self.worker}".rstrip()


def plan(*, seconds: float, kills_per_second: float, seed: int) -> list[Trouble]:
    """The troubles of a run, by time. The rare ones come in any order, one in each part of it."""
    random = Random(seed)
    rare = random.sample(ONCE_OR_TWICE, k=len(ONCE_OR_TWICE))
    part_s = seconds / (len(rare) + 1)
    troubles = [
        Trouble(part_s * (n + random.uniform(0.3, 0.7)), kind, _whom(random, kind))
        for n, kind in enumerate(rare)
    ]
    at_s = 0.0
    while kills_per_second and (at_s := at_s + random.expovariate(kills_per_second)) < seconds:
        troubles.append(Trouble(at_s, "kill worker", random.choice(WORKERS)))
    return sorted(troubles)


def summary(troubles: Sequence[Trouble]) -> str:
    """The plan in a few lines: the kills of workers counted, everything else with its time."""
    kills = Counter(trouble.worker for trouble in troubles if trouble.kind == "kill worker")
    rare = [str(trouble) for trouble in troubles if trouble.kind != "kill worker"]
    counted = ", ".join(f"{worker} {count}" for worker, count in kills.most_common())
    return "; ".join([*rare, f"all the time {kills.total()} kills of workers: {counted}"])


def _whom(random: Random, kind: Kind) -> str:
    return random.choice(FREEZABLE) if kind == "freeze" else ""
