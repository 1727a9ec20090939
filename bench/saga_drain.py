"""The whole saga, drained from a backlog by real worker processes."""

import time
from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from application.events.streams import CHECKOUTS
from bench import bare
from bench.effort import PER_MILLION, Effort
from bench.figures import Figure, Goal, ratios
from bench.histories import fill
from bench.rig import ALL_WORKERS, Process, Rig, frozen, wait_until
from bench.shop import Shoppers, append_all, entry_fields, stock_up
from domain.checkout.saga import SAGA, STOCK_RESERVATION

EVENTS_PER_CHECKOUT: Final = 4
WARM_UP: Final = 100
LINES_MIN: Final = 2_000  # in a round, or what comes once a batch weighs too much
COUNT_MAX: Final = 50_000
YARDSTICK_ENTRIES: Final = 20_000
DRAIN_TIMEOUT_S: Final = 300.0


@attrs.frozen(kw_only=True)
class Drained:
    """What one round gave; processor time is microseconds a checkout, by process."""

    checkouts_per_s: float
    cpu_us: Mapping[str, float]


@attrs.frozen
class Variant:
    """A kind of backlog, and who drains it."""

    name: str
    lines: int = 2
    hot: bool = False
    appendfsync: str = "everysec"
    workers: Sequence[str] = ALL_WORKERS
    history_events: int = 0
    goal: Goal | None = None


VARIANTS: Final = (
    Variant("2-line carts", goal=Goal(">=", 0.035)),
    Variant("2-line carts, appendfsync always", appendfsync="always"),
    Variant("one hot product in every cart", hot=True),
    Variant("50-line carts", lines=50),
    Variant("2 processes of stock-reservation", workers=(*ALL_WORKERS, STOCK_RESERVATION)),
    Variant("4 processes of stock-reservation", workers=(*ALL_WORKERS, *[STOCK_RESERVATION] * 3)),
    Variant("one hot product, 2 of stock-reservation", hot=True, workers=(*ALL_WORKERS, STOCK_RESERVATION)),
)
ON_A_LONG_STREAM: Final = Variant("2-line carts after a million events", history_events=1_000_000)


def measure(effort: Effort) -> list[Figure]:
    """Checkouts a second, the ratio to the bare client, and who uses how much processor time."""
    variants = (*VARIANTS, ON_A_LONG_STREAM) if effort.full else VARIANTS
    return [figure for variant in variants for figure in _figures(variant, effort)]


def _figures(variant: Variant, effort: Effort) -> list[Figure]:
    with Rig.running(variant.appendfsync) as rig:
        stock_up(rig.container.receiver())
        if variant.history_events:
            fill(rig.client, events=variant.history_events)
            _begin_at_the_end(rig)
        workers = rig.start_workers(variant.workers)
        shoppers = Shoppers(lines=variant.lines, hot=variant.hot)
        least = max(WARM_UP, LINES_MIN // variant.lines)
        rate = drain(rig, workers, shoppers, least).checkouts_per_s
        count = effort.count(rate, least=least, most=COUNT_MAX)
        yardstick = [entry_fields(started) for started in Shoppers(seed=2).transactions(1_000)] * 20
        taken, bare_per_s = [], []
        for _ in range(effort.rounds):
            bare_per_s.append(bare.xadd_per_s(rig.client, yardstick[:YARDSTICK_ENTRIES]))
            taken.append(drain(rig, workers, shoppers, count))
        memory = {process.name: process.memory_max_mb() for process in workers}
    return _as_figures(variant, taken, bare_per_s, memory)


def drain(rig: Rig, workers: Sequence[Process], shoppers: Shoppers, count: int) -> Drained:
    """Let the workers loose on `count` checkouts that were started while they stood still."""
    before = rig.client.xlen(CHECKOUTS)
    with frozen(workers):
        append_all(rig.container.bare_event_store(), shoppers.transactions(count))
        processes = [rig.server, *workers]
        used = [process.cpu_s() for process in processes]
        began_s = time.perf_counter()
    wanted = before + EVENTS_PER_CHECKOUT * count
    wait_until(lambda: rig.client.xlen(CHECKOUTS) >= wanted and idle(rig), DRAIN_TIMEOUT_S)
    took_s = time.perf_counter() - began_s
    cpu_us: dict[str, float] = {}
    for process, before_s in zip(processes, used, strict=True):
        cpu_us[process.name] = (
            cpu_us.get(process.name, 0.0) + (process.cpu_s() - before_s) / count * PER_MILLION
        )
    return Drained(checkouts_per_s=count / took_s, cpu_us=cpu_us)


def idle(rig: Rig) -> bool:
    """Whether no group has anything before it."""
    groups = rig.client.xinfo_groups(CHECKOUTS)
    return len(groups) == len(SAGA) and all(not group["lag"] and not group["pending"] for group in groups)


def _begin_at_the_end(rig: Rig) -> None:
    """The groups as they are when all of the stream was dealt with."""
    for step in SAGA:
        rig.client.xgroup_create(CHECKOUTS, step.group, id="$", entries_read=rig.client.xlen(CHECKOUTS))


def _as_figures(
    variant: Variant, taken: list[Drained], bare_per_s: list[float], memory: dict[str, float]
) -> list[Figure]:
    def figure(what: str, unit: str, values: Sequence[float], goal: Goal | None = None) -> Figure:
        return Figure(of=f"saga: {variant.name}", what=what, unit=unit, rounds=tuple(values), goal=goal)

    per_s = [drained.checkouts_per_s for drained in taken]
    figures = [
        figure("throughput", "checkouts/s", per_s),
        figure("bare pipelined XADD", "entries/s", bare_per_s),
        figure("ratio", "", ratios(per_s, bare_per_s), variant.goal),
    ]
    figures += [
        figure(f"CPU of {name}", "us/checkout", [drained.cpu_us[name] for drained in taken])
        for name in taken[0].cpu_us
    ]
    total = [sum(drained.cpu_us.values()) for drained in taken]
    figures.append(figure("CPU of all", "us/checkout", total))
    figures.append(figure("memory of the largest worker", "MB", [max(memory.values())]))
    return figures
