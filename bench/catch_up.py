"""How fast the read model is rebuilt from nothing, by its worker, out of the stream."""

import time
from typing import Final

from application.events.streams import CHECKOUTS
from bench.effort import PER_MILLION, Effort
from bench.figures import Figure
from bench.histories import fill
from bench.rig import Rig, frozen, stop, wait_until
from domain.checkout.saga import CQRS_PROJECTION, STEPS

EVENTS_FULL: Final = 1_000_000
CATCH_UP_TIMEOUT_S: Final = 600.0


def measure(effort: Effort) -> list[Figure]:
    """Events a second, processor time for each, and the memory the worker grew to."""
    events = EVENTS_FULL if effort.full else effort.count(20_000, least=4_000, most=EVENTS_FULL)
    taken = [_catch_up(events) for _ in range(1 if effort.full else effort.rounds)]
    of = f"projection from an empty read model, {events:,} events"
    rates, cpu_us, memory_mb = (tuple(values) for values in zip(*taken, strict=True))
    return [
        Figure(of=of, what="caught up", unit="events/s", rounds=rates),
        Figure(of=of, what="CPU of the worker", unit="us/event", rounds=cpu_us),
        Figure(of=of, what="memory of the worker", unit="MB", rounds=memory_mb),
    ]


def _catch_up(events: int) -> tuple[float, float, float]:
    with Rig.running() as rig:
        worker = rig.start_worker(CQRS_PROJECTION)
        wait_until(lambda: rig.client.exists(CHECKOUTS) and _is_idle(rig))  # it makes both when it joins
        with frozen([worker]):
            fill(rig.client, events=events)
            used_s, began_s = worker.cpu_s(), time.perf_counter()
        wait_until(lambda: _is_idle(rig), CATCH_UP_TIMEOUT_S)
        took_s = time.perf_counter() - began_s
        cpu_us = (worker.cpu_s() - used_s) / events * PER_MILLION
        memory_mb = worker.memory_max_mb()
        stop(worker)
    return events / took_s, cpu_us, memory_mb


def _is_idle(rig: Rig) -> bool:
    (group,) = rig.client.xinfo_groups(CHECKOUTS)
    assert group["name"] == STEPS[CQRS_PROJECTION].group.encode()
    return not group["lag"] and not group["pending"]
