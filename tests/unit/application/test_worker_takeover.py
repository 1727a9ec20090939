"""Deliveries that other consumers, or earlier lives of this one, left pending."""

from collections.abc import Sequence

import attrs
import pytest

from adapters.inmemory.event_bus import InMemoryEventBus
from adapters.inmemory.log import InMemoryLog
from application.ports.delivery import Delivery
from application.ports.event_bus import PendingDelivery, Subscription
from application.ports.telemetry import Telemetry
from application.worker.policy import WorkerPolicy
from tests.unit.application.worker_bench import POLICY, Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()


class Killed(BaseException):
    """The process is gone."""


def kill(_: Sequence[Delivery]) -> None:
    raise Killed


def fail(_: Sequence[Delivery]) -> None:
    raise ValueError


def test_what_an_earlier_life_left_pending_is_taken_up_at_the_start(bench: Bench) -> None:
    position = bench.write()
    bench.step.on_handle = kill
    with pytest.raises(Killed):
        bench.worker("c-1").turn()
    bench.step.on_handle = lambda _: None

    bench.worker("c-1").turn()

    assert bench.step.attempts[position] == [1, 2]
    assert bench.pending == {}


def test_what_another_consumer_sits_on_is_claimed_only_after_a_while(bench: Bench) -> None:
    position = bench.write()
    bench.step.on_handle = kill
    with pytest.raises(Killed):
        bench.worker("c-1").turn()
    bench.step.on_handle = lambda _: None
    other = bench.worker("c-2")

    bench.turn_after(other, POLICY.claim_idle_ms / 1000 - 0.1)
    assert bench.step.attempts[position] == [1]

    bench.turn_after(other, 1)
    assert bench.step.attempts[position] == [1, 2]
    assert bench.pending == {}


class OvertakenBus(InMemoryEventBus):
    """Another consumer claims everything between the look at what is pending and the claim."""

    def pending(self, subscription: Subscription, *, count: int) -> list[PendingDelivery]:
        found = super().pending(subscription, count=count)
        quicker = attrs.evolve(subscription, consumer="quicker")
        self.claim(quicker, [delivery.position for delivery in found], min_idle_ms=0)
        return found


def test_of_two_consumers_that_claim_a_delivery_one_gets_it(bench: Bench) -> None:
    position = bench.write()
    bench.step.on_handle = kill
    with pytest.raises(Killed):
        bench.worker("c-1").turn()
    bench.clock.advance(31)
    bench.step.on_handle = lambda _: None

    bench.worker("c-3", bus=OvertakenBus(bench.log, bench.telemetry)).turn()

    assert bench.step.attempts[position] == [1], "it is in the other's hands"
    assert bench.pending[position].consumer == "quicker"


def die_with(bench: Bench, count: int) -> list[str]:
    """Write so many, and have a consumer die with all of them in hand."""
    positions = [bench.write() for _ in range(count)]
    bench.step.on_handle = kill
    with pytest.raises(Killed):
        bench.worker("c-1", policy=attrs.evolve(POLICY, batch_max=count)).turn()
    bench.step.on_handle = lambda _: None
    bench.step.batches.clear()
    return positions


@pytest.mark.parametrize("consumer", ["c-1", "c-2"])
def test_a_batch_that_a_consumer_died_with_is_taken_over_together(bench: Bench, consumer: str) -> None:
    positions = die_with(bench, 3)

    bench.turn_after(bench.worker(consumer), 31)

    assert bench.step.batches == [positions]
    assert bench.pending == {}


@pytest.mark.parametrize("consumer", ["c-1", "c-2"])
def test_a_takeover_is_told_once_with_who_had_them(bench: Bench, consumer: str) -> None:
    positions = die_with(bench, 3)

    bench.turn_after(bench.worker(consumer), 31)

    assert bench.telemetry.takeovers == [("c-1", positions)]


def test_what_a_consumer_tries_again_itself_is_no_takeover(bench: Bench) -> None:
    bench.write()
    worker = bench.worker("c-1")
    bench.step.on_handle = fail
    worker.turn()
    bench.step.on_handle = lambda _: None

    bench.turn_after(worker, 31)

    assert bench.pending == {}
    assert bench.telemetry.takeovers == []


def test_what_two_consumers_died_with_is_taken_over_one_by_one(bench: Bench) -> None:
    positions = die_with(bench, 3)
    bench.step.on_handle = kill
    with pytest.raises(Killed):
        bench.worker("c-1").turn()
    bench.step.on_handle = lambda _: None
    bench.step.batches.clear()

    bench.worker("c-1").turn()

    assert bench.step.batches == [[position] for position in positions]


def test_a_long_backlog_of_the_dead_is_taken_over_without_a_pause(bench: Bench) -> None:
    positions = die_with(bench, 5)
    bench.clock.advance(31)
    worker = bench.worker("c-2", policy=attrs.evolve(POLICY, claim_max=2))

    for _ in range(3):
        worker.turn()

    assert bench.step.batches == [positions[:2], positions[2:4], positions[4:]]


def test_no_more_is_taken_over_at_once_than_is_received_at_once(bench: Bench) -> None:
    positions = die_with(bench, 5)
    bench.clock.advance(31)
    worker = bench.worker("c-2", policy=attrs.evolve(POLICY, batch_max=2))

    for _ in range(3):
        worker.turn()

    assert bench.step.batches == [positions[:2], positions[2:4], positions[4:]]


def test_what_has_failed_here_is_tried_again_together(bench: Bench) -> None:
    positions = [bench.write() for _ in range(3)]
    bench.step.trouble = {position: RuntimeError("no answer") for position in positions}
    worker = bench.worker()

    for _ in range(3):
        bench.turn_after(worker, 1)

    assert bench.step.batches == [positions] * 3


def test_what_failed_here_and_was_taken_by_another_since_is_tried_by_itself(bench: Bench) -> None:
    positions = [bench.write() for _ in range(2)]
    bench.step.trouble = {position: RuntimeError("no answer") for position in positions}
    worker = bench.worker("c-1")
    worker.turn()
    bench.step.on_handle = kill
    with pytest.raises(Killed):
        bench.turn_after(bench.worker("c-2"), 31)
    bench.step.on_handle = lambda _: None
    bench.step.batches.clear()

    bench.turn_after(worker, 31)

    assert bench.step.batches == [[position] for position in positions]


def test_a_delivery_that_kills_its_workers_again_and_again_is_set_aside(bench: Bench) -> None:
    poison = bench.write()
    good = bench.write()

    def die_of_it(deliveries: Sequence[Delivery]) -> None:
        if poison in [delivery.position for delivery in deliveries]:
            raise Killed

    bench.step.on_handle = die_of_it
    deaths = 0
    for _ in range(POLICY.unfinished_attempts_max + 5):
        try:
            bench.worker("c-1").turn()
        except Killed:
            deaths += 1

    assert deaths == POLICY.unfinished_attempts_max
    (dead,) = bench.dead_letters
    assert dead.position == poison
    assert dead.why.reason == "handed out too often without an outcome"
    assert bench.step.attempts[good][-1] > 0
    assert bench.pending == {}


def test_a_delivery_acknowledged_late_by_a_zombie_is_not_tried_again(bench: Bench) -> None:
    position = bench.write()
    other = bench.worker("c-2")

    def sleep(_: Sequence[Delivery]) -> None:
        bench.step.on_handle = lambda _: None
        bench.turn_after(other, 31)

    bench.step.on_handle = sleep
    bench.worker("c-1").turn()
    bench.turn_after(other, 31)

    assert bench.step.attempts[position] == [1, 2]
    assert bench.pending == {}


def test_trouble_that_another_consumer_ended_is_forgotten(bench: Bench) -> None:
    """Otherwise this one would look around for it for ever, and keep it in memory."""
    position = bench.write()
    bench.step.trouble = {position: RuntimeError("no")}
    bus = PatienceBus(bench.log, bench.telemetry)
    worker = bench.worker("c-1", bus=bus, policy=WorkerPolicy())
    worker.turn()
    worker.turn()
    bench.step.trouble = {}
    bench.clock.advance(31)
    bench.worker("c-2").turn()

    bench.turn_after(worker, 1)
    worker.turn()

    assert bus.block_ms == [1_000, 200, 1_000, 1_000]


class PatienceBus(InMemoryEventBus):
    """Notes how long it was asked to wait, and does not."""

    def __init__(self, log: InMemoryLog, telemetry: Telemetry) -> None:
        super().__init__(log, telemetry)
        self.block_ms: list[int] = []

    def receive(
        self, subscription: Subscription, *, count: int, block_ms: int, done: Sequence[str] = ()
    ) -> list[Delivery]:
        self.block_ms.append(block_ms)
        return super().receive(subscription, count=count, block_ms=0, done=done)
