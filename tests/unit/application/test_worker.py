"""The loop that every worker runs: receive, handle, acknowledge, and what it leaves alone."""

from collections.abc import Sequence

import attrs
import pytest

from adapters.inmemory.event_bus import InMemoryEventBus
from application.ports.delivery import Delivery
from application.ports.errors import Unavailable
from application.ports.event_bus import Subscription
from application.ports.event_store import StoredEntry
from application.worker.loop import Worker
from application.worker.policy import WorkerPolicy
from tests.sealed import SealedDelivery
from tests.unit.application.worker_bench import GROUP, POLICY, STREAM, Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_batch_is_handled_at_once_and_then_acknowledged(bench: Bench) -> None:
    positions = [bench.write() for _ in range(3)]

    assert bench.worker().turn() == 3

    assert bench.step.batches == [positions]
    assert bench.pending == {}
    assert bench.telemetry.consumed_types == {"CheckoutInitiated": 3}


def test_nothing_is_acknowledged_before_it_was_handled(bench: Bench) -> None:
    position = bench.write()
    pending_while_handled: list[set[str]] = []
    bench.step.on_handle = lambda _: pending_while_handled.append(set(bench.pending))

    bench.worker().turn()

    assert pending_while_handled == [{position}]
    assert bench.pending == {}


def refuse() -> StoredEntry:
    raise AssertionError("looked at")


class SealedBus(InMemoryEventBus):
    """Hands out sealed deliveries only."""

    def receive(
        self, subscription: Subscription, *, count: int, block_ms: int, done: Sequence[str] = ()
    ) -> list[Delivery]:
        deliveries = super().receive(subscription, count=count, block_ms=block_ms, done=done)
        return [SealedDelivery(d.position, d.attempt, d.type, d.age_s, refuse) for d in deliveries]


def test_a_type_that_the_step_does_not_handle_is_passed_by_unopened(bench: Bench) -> None:
    bench.write("StockReleased")
    bench.write("SomethingElse")
    bench.write("")

    bench.worker(bus=SealedBus(bench.log, bench.telemetry)).turn()

    assert bench.step.batches == []
    assert bench.pending == {}
    assert bench.telemetry.consumed_types.total() == 0


def test_a_step_that_wants_everything_gets_everything(bench: Bench) -> None:
    bench.step.types = None
    positions = [bench.write("StockReleased"), bench.write(""), bench.write("CheckoutInitiated")]

    bench.worker().turn()

    assert bench.step.batches == [positions]


def test_a_worker_sees_what_was_written_before_its_group_existed(bench: Bench) -> None:
    positions = [bench.write() for _ in range(5)]
    bench.worker().turn()
    assert bench.step.batches == [positions]


def test_a_batch_has_a_limit(bench: Bench) -> None:
    for _ in range(5):
        bench.write()
    worker = bench.worker(policy=attrs.evolve(POLICY, batch_max=2))

    assert [worker.turn() for _ in range(4)] == [2, 2, 1, 0]


def test_time_is_looked_at_in_every_turn_even_when_nothing_comes_in(bench: Bench) -> None:
    worker = bench.worker()
    for _ in range(3):
        worker.turn()
    assert bench.step.ticks == 3


def test_the_checkpoint_is_saved_up_to_what_is_acknowledged(bench: Bench) -> None:
    first, bad = bench.write(), bench.write()
    bench.write()
    bench.step.trouble = {bad: RuntimeError("no")}
    worker = bench.worker()
    worker.turn()

    bench.turn_after(worker, 1)

    seconds, number = bench.log.stream(STREAM).checkpoints[GROUP]
    assert f"{seconds}-{number}" == first


def test_the_backlog_is_told(bench: Bench) -> None:
    worker = bench.worker(policy=attrs.evolve(POLICY, batch_max=1))
    bench.write()
    bench.write()
    worker.turn()
    bench.turn_after(worker, 1)
    assert bench.telemetry.backlogs[GROUP].lag_events == 1


def test_a_group_that_vanishes_is_joined_again_where_it_was(bench: Bench) -> None:
    bench.write()
    worker = bench.worker()
    worker.turn()
    bench.turn_after(worker, 1)
    bench.bus.forget_group(STREAM, GROUP)
    new = bench.write()

    worker.turn()

    assert bench.step.batches[1:] == [[new]]


class Stop:
    """Says stop when it is asked for the n-th time; notes the waits."""

    def __init__(self, after: int) -> None:
        self._left = after
        self.waits_s: list[float] = []

    def stopped(self) -> bool:
        self._left -= 1
        return self._left < 0


def test_a_stop_lets_the_batch_at_hand_be_finished(bench: Bench) -> None:
    positions = [bench.write() for _ in range(3)]
    asked_to_stop: list[bool] = []

    def ask(_: Sequence[Delivery]) -> None:
        asked_to_stop.append(True)

    bench.step.on_handle = ask
    bench.worker().run(lambda: bool(asked_to_stop), lambda _: None)

    assert bench.step.batches == [positions]
    assert bench.pending == {}


class CountingBus(InMemoryEventBus):
    """Counts the calls that do nothing but acknowledge."""

    acknowledged = 0

    def receive(
        self, subscription: Subscription, *, count: int, block_ms: int, done: Sequence[str] = ()
    ) -> list[Delivery]:
        super().acknowledge(subscription, done)
        return super().receive(subscription, count=count, block_ms=block_ms)

    def acknowledge(self, subscription: Subscription, positions: Sequence[str]) -> None:
        self.acknowledged += bool(positions)
        super().acknowledge(subscription, positions)


def test_what_is_done_is_acknowledged_with_the_next_read_and_the_last_of_it_at_the_stop(bench: Bench) -> None:
    bus = CountingBus(bench.log, bench.telemetry)
    pending: list[int] = []

    def note(_: Sequence[Delivery]) -> None:
        pending.append(len(bench.pending))
        if len(pending) < 3:
            bench.write()

    bench.write()
    bench.step.on_handle = note
    bench.worker(bus=bus).run(Stop(after=3).stopped, lambda _: None)

    assert (pending, bus.acknowledged, bench.pending) == ([1, 1, 1], 1, {})


def test_what_was_done_before_an_outage_of_the_bus_is_acknowledged_after_it_and_not_done_again(
    bench: Bench,
) -> None:
    bus = BrokenBus(bench.log, bench.telemetry)

    def lose_the_bus(_: Sequence[Delivery]) -> None:
        bus.outages = 2

    position = bench.write()
    bench.step.on_handle = lose_the_bus
    bench.worker(bus=bus).run(Stop(after=4).stopped, lambda _: None)

    assert (bench.step.batches, bench.pending) == ([[position]], {})


def test_a_worker_that_looks_around_has_acknowledged_what_is_done(bench: Bench) -> None:
    position = bench.write()

    def let_time_pass(_: Sequence[Delivery]) -> None:
        bench.clock.advance(POLICY.housekeeping_ms / 1000)

    bench.step.on_handle = let_time_pass
    bench.worker().run(Stop(after=2).stopped, lambda _: None)

    assert bench.telemetry.backlogs[GROUP].pending == 0
    assert bench.step.batches == [[position]]


def test_a_stop_before_the_first_turn_does_nothing(bench: Bench) -> None:
    bench.write()
    bench.worker().run(lambda: True, lambda _: None)
    assert bench.step.batches == []


class BrokenBus(InMemoryEventBus):
    """Out of reach for the first `outages` calls."""

    outages = 0

    def receive(
        self, subscription: Subscription, *, count: int, block_ms: int, done: Sequence[str] = ()
    ) -> list[Delivery]:
        if self.outages:
            self.outages -= 1
            raise Unavailable("connection refused")
        return super().receive(subscription, count=count, block_ms=block_ms, done=done)


def outage_waits(bench: Bench, outages: int, turns: int) -> list[float]:
    bus, stop = BrokenBus(bench.log, bench.telemetry), Stop(after=turns)
    bus.outages = outages
    bench.worker(bus=bus).run(stop.stopped, stop.waits_s.append)
    return stop.waits_s


def test_an_outage_is_told_and_waited_for_longer_each_time(bench: Bench) -> None:
    position = bench.write()

    waits_s = outage_waits(bench, outages=4, turns=5)

    assert waits_s == [0.2, 0.4, 0.8, 1.6]
    assert [str(error) for error in bench.telemetry.interruptions] == ["connection refused"] * 4
    assert bench.step.batches == [[position]], "the service comes back by itself"


def test_the_wait_in_an_outage_has_a_limit(bench: Bench) -> None:
    assert outage_waits(bench, outages=40, turns=40)[-1] == POLICY.retry_max_ms / 1000


def test_the_waits_of_many_workers_are_spread_over_half_of_their_length(bench: Bench) -> None:
    bus, stop = BrokenBus(bench.log, bench.telemetry), Stop(after=1)
    bus.outages = 1
    subscription = Subscription(stream=STREAM, group=GROUP, consumer="c-1")
    worker = Worker(
        bus,
        subscription,
        bench.step,
        clock=bench.clock,
        telemetry=bench.telemetry,
        policy=WorkerPolicy(),
        jitter=lambda: 0.0,
    )
    worker.run(stop.stopped, stop.waits_s.append)
    assert stop.waits_s == [0.1]


def test_after_an_outage_the_next_one_is_waited_for_from_the_beginning(bench: Bench) -> None:
    bus, waits_s = BrokenBus(bench.log, bench.telemetry), []
    worker = bench.worker(bus=bus)
    for outages in (2, 1):
        bus.outages = outages
        stop = Stop(after=outages + 1)
        worker.run(stop.stopped, stop.waits_s.append)
        waits_s.append(stop.waits_s)
    assert waits_s == [[0.2, 0.4], [0.2]]


@pytest.mark.parametrize(
    ("written", "waits_s"),
    [
        pytest.param(1, [0.05], id="a batch that was not full"),
        pytest.param(2, [], id="a full batch, behind which there may be more"),
        pytest.param(0, [], id="nothing"),
    ],
)
def test_a_worker_that_nobody_waits_for_lets_deliveries_gather_once_it_has_acknowledged(
    bench: Bench, written: int, waits_s: list[float]
) -> None:
    for _ in range(written):
        bench.write()
    stop = Stop(after=1)
    policy = attrs.evolve(POLICY, batch_max=2, linger_ms=50)

    def wait_s(seconds: float) -> None:
        assert bench.pending == {}
        stop.waits_s.append(seconds)

    bench.worker(policy=policy).run(stop.stopped, wait_s)

    assert stop.waits_s == waits_s
