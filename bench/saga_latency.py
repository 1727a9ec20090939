"""How long a checkout takes from its start to its end, at a steady rate of arrivals.

The clock of a checkout starts when it was due, not when its start got through, so that a stall counts for
all who waited in it. Its end is the time in the end fact's position, rounded up to the next millisecond;
server and clients are on one machine and read one clock. The processor time of a rate is what the server and
the workers used from its first arrival until nothing was left to do.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import attrs

from application.events.streams import CHECKOUTS
from application.ports.positions import recorded_at_s
from bench.arrivals import Due, Schedule, appended, posted
from bench.effort import PER_MILLION, Effort
from bench.figures import Figure, Goal
from bench.requests import percentile
from bench.rig import Process, Rig, wait_until
from bench.saga_drain import WARM_UP, drain, idle
from bench.shop import Shoppers, stock_up
from domain.checkout.events import CheckoutFailed, CheckoutSucceeded

SAMPLES_MIN: Final = 250  # a round, or its 99th percentile means nothing
END_TIMEOUT_S: Final = 60.0
_END_TYPES: Final = (CheckoutSucceeded.__name__.encode(), CheckoutFailed.__name__.encode())
_MILLISECOND_S: Final = 0.001
_PAGE: Final = 5_000
_PERCENTS: Final = (50, 95, 99)


@attrs.frozen
class Rate:
    """Arrivals a second; `goals_ms` are per percentile, with the log of writes synced every second."""

    per_s: int
    goals_ms: dict[int, float] = attrs.Factory(dict)


RATES: Final = (Rate(50, {50: 4, 99: 12}), Rate(200), Rate(1_000, {99: 20}))


@attrs.frozen
class Round:
    """What one round gave: the time each checkout took; processor time, microseconds a checkout."""

    latencies_ms: list[float]
    cpu_us: float


def measure(effort: Effort) -> list[Figure]:
    """Percentiles at each rate, for both ways of writing to disk, and over HTTP."""
    return [*_of("everysec", effort, over_http=True), *_of("always", effort, over_http=False)]


def _of(appendfsync: str, effort: Effort, *, over_http: bool) -> list[Figure]:
    figures: list[Figure] = []
    with Rig.running(appendfsync) as rig:
        stock_up(rig.container.receiver())
        workers = rig.start_workers()
        shop = Shop(rig, [rig.server, *workers], Shoppers())
        drain(rig, workers, shop.shoppers, WARM_UP)
        store = rig.container.bare_event_store()
        for rate in RATES:
            taken = shop.rounds(rate, effort, partial(appended, store))
            goals_ms = rate.goals_ms if appendfsync == "everysec" else {}
            figures += _figures(f"latency: {rate.per_s:,}/s, appendfsync {appendfsync}", taken, goals_ms)
        if over_http:
            api = rig.start_api()
            shop = attrs.evolve(shop, processes=[*shop.processes, api])
            taken = shop.rounds(RATES[0], effort, partial(posted, api.url))
            figures += _figures(f"latency: POST, {RATES[0].per_s}/s, appendfsync {appendfsync}", taken, {})
    return figures


def _figures(name: str, taken: list[Round], goals_ms: dict[int, float]) -> list[Figure]:
    figures = [
        Figure(
            of=name,
            what=f"p{percent}",
            unit="ms",
            rounds=tuple(percentile(one.latencies_ms, percent) for one in taken),
            goal=Goal("<=", goals_ms[percent]) if percent in goals_ms else None,
        )
        for percent in _PERCENTS
    ]
    cpu_us = tuple(one.cpu_us for one in taken)
    return [*figures, Figure(of=name, what="CPU of all", unit="us/checkout", rounds=cpu_us)]


@attrs.frozen
class Shop:
    """Open for business: a rig, and the processes in it that cost."""

    rig: Rig
    processes: Sequence[Process]
    shoppers: Shoppers

    def rounds(self, rate: Rate, effort: Effort, arrive: Callable[[Schedule], Due]) -> list[Round]:
        """So many arrivals that the percentiles mean something, as often as the effort says."""
        count = effort.count(rate.per_s, least=SAMPLES_MIN, most=100_000)
        return [self._round(rate, count, arrive) for _ in range(effort.rounds)]

    def _round(self, rate: Rate, count: int, arrive: Callable[[Schedule], Due]) -> Round:
        schedule = Schedule(rate.per_s, [self.shoppers.start() for _ in range(count)])
        before_s = self._cpu_s()
        latencies_ms = _latencies_ms(self.rig, partial(arrive, schedule))
        return Round(latencies_ms, (self._cpu_s() - before_s) / count * PER_MILLION)

    def _cpu_s(self) -> float:
        return sum(process.cpu_s() for process in self.processes)


def _latencies_ms(rig: Rig, arrive: Callable[[], Due]) -> list[float]:
    last = rig.client.xinfo_stream(CHECKOUTS)["last-generated-id"]
    due = arrive()
    wait_until(lambda: idle(rig), END_TIMEOUT_S)
    ends_s = _ends_s(rig.client, last)
    return [(ends_s[checkout_id] + _MILLISECOND_S - due_s) * 1000 for checkout_id, due_s in due.items()]


def _ends_s(client: Any, after: bytes) -> dict[str, float]:
    """Checkout id -> when its end was recorded, of all that ended after that position."""
    ends_s: dict[str, float] = {}
    while entries := client.xrange(CHECKOUTS, min=b"(" + after, count=_PAGE):
        for place, fields in entries:
            if fields[b"type"] in _END_TYPES:
                ends_s[fields[b"checkout_id"].decode()] = recorded_at_s(place.decode())
        after = entries[-1][0]
    return ends_s
