"""What one schedule is like: how many of everything, how patient, and what goes wrong how often.

Each schedule draws its own. A fault that is left out for a while lets others come further, so only some of
them may happen in any one schedule.
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from random import Random
from typing import Final

import attrs

from domain.checkout.saga import AUDIT, CQRS_PROJECTION, NOTIFICATION, ORDER_CREATION, SAGA, STOCK_RESERVATION


class Fault(Enum):
    """What can go wrong at a call of a port. The value says it in the history."""

    CRASH_BEFORE = "dies before the call"
    CRASH_AFTER = "dies after the call"
    REFUSED = "is refused"
    ANSWER_LOST = "never hears the answer"
    NAP_BEFORE = "falls asleep before the call"
    NAP_AFTER = "falls asleep after the call"
    OUTAGE = "finds the port out of order"
    HANDED_OUT_TWICE = "is handed what another consumer will be handed too"
    GROUP_LOST = "sees a group vanish"
    CLOCK_JUMP = "sees the clock jump"
    CLOSED = "sees the warehouse close for what comes back"


SAGA_WORKERS: Final = tuple(step.worker for step in SAGA)
NOT_IN_THE_WAY: Final = (CQRS_PROJECTION, NOTIFICATION, AUDIT)
"""Workers that no other waits for."""
ORDER_TOTAL_MAX: Final = Decimal(60)
LONG_OUTAGE_S: Final = 1_000.0


@attrs.frozen(kw_only=True)
class Weather:
    """Drawn once per schedule. Rates are per call of a port."""

    consumers: Mapping[str, int]
    """Per worker. One may have none: it is down, and the deadline ends what waits for it."""
    batch_max: int
    claim_idle_s: float
    compensation_attempts_max: int
    deadline_s: float
    tick_s: float
    switch_rate: float
    fault_rate: float
    faults_max: int
    faults: tuple[Fault, ...]
    stormy_rounds: int
    stock: Mapping[str, int]
    checkouts: int
    arrivals_s: float
    visits: Mapping[str, int]
    """How many of each kind of visitor besides shoppers."""

    def moments_s(self) -> tuple[float, ...]:
        """Lengths of time that matter to somebody."""
        return (0.02, self.claim_idle_s / 2, self.claim_idle_s * 1.2, self.deadline_s * 1.1)

    def outages_s(self, port: str) -> tuple[float, ...]:
        """How long a port may be out of order. Two consumers that take a delivery over from each other while
        the store is away for so long would come to think that it kills them, if such attempts counted."""
        long_s = (LONG_OUTAGE_S,) * 3 if port == "event_store" else ()
        return (0.02, self.claim_idle_s / 2, self.claim_idle_s * 3, *long_s)


def forecast(rng: Random) -> Weather:
    """The weather of a schedule."""
    down = rng.choice(({STOCK_RESERVATION}, {ORDER_CREATION}, set[str](), set[str](), set[str](), set[str]()))
    down |= {worker for worker in NOT_IN_THE_WAY if rng.random() < 0.4}
    return Weather(
        consumers={worker: 0 if worker in down else rng.choice((1, 1, 2)) for worker in SAGA_WORKERS},
        batch_max=rng.choice((1, 2, 256, 256)),
        claim_idle_s=rng.choice((0.04, 1.0, 30.0)),
        compensation_attempts_max=rng.choice((1, 2, 3)),
        deadline_s=rng.choice((0.2, 5.0, 900.0, 900.0)),
        tick_s=rng.choice((0.0, 0.002, 0.02)),
        switch_rate=rng.choice((0.05, 0.2, 0.6)),
        fault_rate=rng.choice((0.0, 0.01, 0.03, 0.08)),
        faults_max=rng.choice((2, 5, 12)),
        faults=tuple(rng.sample(list(Fault), rng.randint(1, 5))),
        stormy_rounds=rng.choice((0, 1, 3)),
        stock={f"p-{n}": rng.choice((0, 1, 2, 4)) for n in range(1, rng.choice((2, 3, 4)))},
        checkouts=rng.choice((1, 2, 2, 3, 4)),
        arrivals_s=rng.choice((0.0, 0.05, 1.0)),
        visits={
            "warehouse": rng.choice((0, 1, 2)),
            "another program": rng.choice((0, 0, 1, 3)),
            "operator": rng.choice((0, 1, 2)),
            "vandal": rng.choice((0, 0, 0, 1)),
        },
    )
