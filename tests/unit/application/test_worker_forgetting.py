"""A worker tidies up after consumers that are gone, and says when the bus has answered."""

import attrs
import pytest

from adapters.inmemory.event_bus import InMemoryEventBus
from application.ports.errors import Unavailable
from application.ports.event_bus import Subscription
from application.worker.loop import FORGET_EVERY_S, Worker
from tests.unit.application.worker_bench import GROUP, POLICY, STREAM, Bench

FORGOTTEN_S = 3_600


@pytest.fixture
def bench() -> Bench:
    return Bench()


def consumers(bench: Bench) -> set[str]:
    return set(bench.log.stream(STREAM).groups[GROUP].seen_s)


def test_a_consumer_not_heard_of_for_long_is_forgotten(bench: Bench) -> None:
    bench.worker("gone").turn()
    worker = bench.worker("c-1")
    bench.turn_after(worker, FORGOTTEN_S - 1)
    assert consumers(bench) == {"gone", "c-1"}

    bench.turn_after(worker, FORGET_EVERY_S)

    assert consumers(bench) == {"c-1"}


def test_its_deliveries_are_taken_over_first(bench: Bench) -> None:
    position = bench.write()
    gone = bench.worker("gone")
    bench.step.trouble = {position: RuntimeError("no")}
    gone.turn()
    assert bench.pending[position].consumer == "gone"
    bench.step.trouble = {}

    bench.turn_after(bench.worker("c-1"), FORGOTTEN_S + 1)

    assert bench.step.attempts[position] == [1, 2]
    assert (bench.pending, consumers(bench)) == ({}, {"c-1"})


def test_it_is_looked_for_once_a_minute_at_most(bench: Bench) -> None:
    asked = []

    class CountingBus(InMemoryEventBus):
        def forget_idle_consumers(self, subscription: Subscription, idle_ms: int) -> list[str]:
            asked.append(idle_ms)
            return []

    worker = bench.worker(
        bus=CountingBus(bench.log, bench.telemetry), policy=attrs.evolve(POLICY, consumer_forgotten_ms=7_000)
    )
    for _ in range(100):
        bench.turn_after(worker, 2)

    assert asked == [7_000] * 4


def test_every_answer_of_the_bus_is_told_also_an_empty_one(bench: Bench) -> None:
    told: list[float] = []
    worker = Worker(
        bench.bus,
        Subscription(stream=STREAM, group=GROUP, consumer="c-1"),
        bench.step,
        clock=bench.clock,
        telemetry=bench.telemetry,
        policy=POLICY,
        on_poll=lambda: told.append(bench.clock.now_s()),
    )
    worker.turn()
    bench.turn_after(worker, 5)

    assert told == [bench.clock.now_s() - 5, bench.clock.now_s()]


def test_a_bus_that_is_away_has_not_answered(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    worker = Worker(
        bench.bus,
        Subscription(stream=STREAM, group=GROUP, consumer="c-1"),
        bench.step,
        clock=bench.clock,
        telemetry=bench.telemetry,
        policy=POLICY,
        on_poll=lambda: told.append("answered"),
    )

    def away(*_: object, **__: object) -> None:
        raise Unavailable("connection refused")

    monkeypatch.setattr(bench.bus, "receive", away)
    with pytest.raises(Unavailable):
        worker.turn()

    assert told == []
