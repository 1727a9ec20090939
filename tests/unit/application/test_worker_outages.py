"""A worker whose store is away: attempts that are cut short are waited for, and do not count."""

from collections.abc import Sequence
from itertools import pairwise

import attrs
import pytest

from adapters.inmemory.event_bus import InMemoryEventBus
from application.ports.delivery import Delivery
from application.ports.errors import Unavailable
from application.ports.event_bus import Subscription
from application.worker.loop import Worker
from tests.unit.application.worker_bench import POLICY, Bench

OUTAGES = POLICY.unfinished_attempts_max * 2
EITHER_WAY = pytest.mark.parametrize("raised", [False, True], ids=["for one delivery", "for the batch"])


@pytest.fixture
def bench() -> Bench:
    return Bench()


class Once:
    """Lets a worker take one turn."""

    asked = 0

    def __call__(self) -> bool:
        self.asked += 1
        return self.asked > 1


def turn(worker: Worker) -> None:
    worker.run(Once(), lambda _: None)


def store_away(bench: Bench, position: str, *, raised: bool) -> None:
    def be_out(_: Sequence[Delivery]) -> None:
        raise Unavailable("no answer")

    if raised:
        bench.step.on_handle = be_out
    bench.step.trouble = {position: Unavailable("no answer")}


def store_back(bench: Bench) -> None:
    bench.step.on_handle, bench.step.trouble = (lambda _: None), {}


@EITHER_WAY
def test_an_outage_never_ends_in_a_dead_letter(bench: Bench, raised: bool) -> None:
    position = bench.write()
    store_away(bench, position, raised=raised)
    worker = bench.worker()
    for _ in range(OUTAGES):
        bench.clock.advance(31)
        turn(worker)
    assert bench.step.attempts[position] == [1] * OUTAGES

    store_back(bench)
    bench.turn_after(worker, 31)

    assert (bench.pending, bench.dead_letters) == ({}, [])


@EITHER_WAY
def test_nor_does_it_when_consumers_start_again_or_take_over(bench: Bench, raised: bool) -> None:
    position = bench.write()
    store_away(bench, position, raised=raised)
    for number in range(OUTAGES):
        bench.clock.advance(31)
        turn(bench.worker(f"c-{number // 2 % 2}"))
    assert len(bench.step.attempts[position]) == OUTAGES

    store_back(bench)
    bench.turn_after(bench.worker("c-2"), 31)

    assert (bench.pending, bench.dead_letters) == ({}, [])


@EITHER_WAY
def test_what_fails_after_an_outage_has_all_its_attempts_before_it(bench: Bench, raised: bool) -> None:
    position = bench.write()
    store_away(bench, position, raised=raised)
    worker = bench.worker()
    for _ in range(10):
        bench.clock.advance(31)
        turn(worker)
    store_back(bench)
    bench.step.trouble = {position: RuntimeError("a bug")}

    for _ in range(POLICY.attempts_max):
        assert bench.dead_letters == []
        bench.turn_after(worker, 31)

    (dead,) = bench.dead_letters
    assert dead.why.attempts == POLICY.attempts_max


def test_what_is_cut_short_for_itself_alone_is_waited_for_longer_each_time(bench: Bench) -> None:
    position = bench.write()
    store_away(bench, position, raised=False)
    tried_at_s: list[float] = []
    bench.step.on_handle = lambda _: tried_at_s.append(bench.clock.now)
    worker = bench.worker()
    for _ in range(400):
        bench.turn_after(worker, 0.01)

    waits_s = [after - before for before, after in pairwise(tried_at_s)]
    for wait_s, least_s in zip(waits_s, [0.2, 0.4, 0.8, 1.6], strict=True):
        assert least_s - 0.001 <= wait_s <= least_s + 0.25


class Killed(BaseException):
    """The process is gone."""


def test_what_kills_its_workers_is_set_aside_however_many_outages_lie_between(bench: Bench) -> None:
    poison, deaths = bench.write(), 0

    def die(_: Sequence[Delivery]) -> None:
        raise Killed

    while not bench.dead_letters and deaths < OUTAGES:
        store_away(bench, poison, raised=True)
        turn(bench.worker())
        bench.step.on_handle = die
        try:
            bench.worker().turn()
        except Killed:
            deaths += 1

    assert deaths == POLICY.unfinished_attempts_max


def test_a_delivery_is_not_taken_for_a_killer_before_its_last_attempt(bench: Bench) -> None:
    position = bench.write()
    bench.step.trouble = {position: RuntimeError("no")}
    patient = attrs.evolve(POLICY, attempts_max=POLICY.unfinished_attempts_max + 2)
    for _ in range(patient.attempts_max):
        assert bench.dead_letters == []
        bench.turn_after(bench.worker(policy=patient), 31)

    (dead,) = bench.dead_letters
    assert dead.why.reason == "no"


class DyingBus(InMemoryEventBus):
    """Goes away together with the store."""

    def forgive(self, subscription: Subscription, deliveries: Sequence[Delivery]) -> None:
        raise Unavailable("no bus")


def test_where_the_bus_is_away_too_the_first_trouble_is_told(bench: Bench) -> None:
    position = bench.write()
    store_away(bench, position, raised=True)

    with pytest.raises(Unavailable, match="no answer"):
        bench.worker(bus=DyingBus(bench.log, bench.telemetry)).turn()

    assert set(bench.pending) == {position}
