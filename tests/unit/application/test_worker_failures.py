"""A worker in trouble: what is tried again and when, and what is set aside."""

from collections.abc import Sequence
from itertools import pairwise

import attrs
import pytest

from application.ports.delivery import Delivery
from application.ports.errors import FactTooEarly, MalformedEvent
from application.worker.loop import Worker
from application.worker.policy import WorkerPolicy
from domain.errors import UnknownCheckout
from tests.unit.application.worker_bench import POLICY, Bench

ATTEMPTS_MAX = POLICY.attempts_max


@pytest.fixture
def bench() -> Bench:
    return Bench()


def run_for(bench: Bench, worker: Worker, seconds: int, step_s: float = 0.1) -> None:
    for _ in range(int(seconds / step_s)):
        bench.turn_after(worker, step_s)


def test_a_delivery_that_fails_does_not_hold_up_the_others(bench: Bench) -> None:
    good, bad, other = (bench.write() for _ in range(3))
    bench.step.trouble = {bad: RuntimeError("no")}

    bench.worker().turn()

    assert set(bench.pending) == {bad}
    assert bench.telemetry.consumed_types.total() == 2
    assert [position for position, _ in bench.telemetry.failures] == [bad]
    assert good != other


def test_a_bug_that_throws_a_whole_batch_is_traced_to_its_delivery(bench: Bench) -> None:
    good, bad, other = (bench.write() for _ in range(3))

    def stumble(deliveries: Sequence[Delivery]) -> None:
        if bad in [delivery.position for delivery in deliveries]:
            raise ZeroDivisionError("a bug")

    bench.step.on_handle = stumble
    bench.worker().turn()

    assert bench.step.batches == [[good, bad, other], [good], [bad], [other]]
    assert set(bench.pending) == {bad}


def test_a_failed_delivery_is_tried_again_and_then_forgotten(bench: Bench) -> None:
    bad = bench.write()
    bench.step.trouble = {bad: RuntimeError("no")}
    worker = bench.worker()
    worker.turn()
    bench.step.trouble = {}

    run_for(bench, worker, 2)

    assert bench.step.attempts[bad] == [1, 2]
    assert bench.pending == {}
    assert bench.dead_letters == []


def test_each_wait_is_twice_as_long_as_the_one_before(bench: Bench) -> None:
    bad = bench.write()
    bench.step.trouble = {bad: RuntimeError("no")}
    tried_at_s: list[float] = []
    bench.step.on_handle = lambda _: tried_at_s.append(bench.clock.now)
    worker = bench.worker()
    worker.turn()

    run_for(bench, worker, 10, step_s=0.01)

    waits_s = [after - before for before, after in pairwise(tried_at_s)]
    assert len(waits_s) == ATTEMPTS_MAX - 1
    for wait_s, least_s in zip(waits_s, [0.2, 0.4, 0.8, 1.6], strict=True):
        assert least_s - 0.001 <= wait_s <= least_s + 0.25


PATIENT = attrs.evolve(POLICY, retry_base_ms=10_000)


def test_what_fails_together_is_spread_over_half_of_the_wait(bench: Bench) -> None:
    failed = [bench.write() for _ in range(3)]
    bench.step.trouble = {position: RuntimeError("no") for position in failed}
    draws = iter((0.0, 0.5, 1.0))
    worker = bench.worker(policy=PATIENT, jitter=lambda: next(draws, 1.0))
    worker.turn()
    began_s, tried_at_s = bench.clock.now, dict[str, float]()

    def note(batch: Sequence[Delivery]) -> None:
        tried_at_s.setdefault(batch[0].position, bench.clock.now)

    bench.step.on_handle = note
    run_for(bench, worker, 12)

    waits_s = [tried_at_s[position] - began_s for position in failed]
    for wait_s, least_s in zip(waits_s, [5.0, 7.5, 10.0], strict=True):
        assert least_s - 0.001 <= wait_s <= least_s + 1.1


def test_how_long_to_wait_is_drawn_once_for_an_attempt(bench: Bench) -> None:
    bad = bench.write()
    bench.step.trouble = {bad: RuntimeError("no")}
    draws = iter((1.0,))
    worker = bench.worker(policy=PATIENT, jitter=lambda: next(draws, 0.0))
    worker.turn()

    run_for(bench, worker, 9)

    assert bench.step.attempts[bad] == [1]


def test_the_wait_before_another_attempt_has_a_limit() -> None:
    policy = WorkerPolicy(retry_base_ms=200, retry_max_ms=30_000)
    assert [policy.retry_delay_ms(attempt) for attempt in (1, 2, 3)] == [200, 400, 800]
    assert policy.retry_delay_ms(9) == policy.retry_delay_ms(10_000) == 30_000


def test_the_last_attempt_ends_in_a_dead_letter_with_its_history(bench: Bench) -> None:
    bad = bench.write()
    worker = bench.worker()
    bench.step.trouble = {bad: RuntimeError("first")}
    worker.turn()
    bench.step.trouble = {bad: ValueError("last")}

    run_for(bench, worker, 10)

    (dead,) = bench.dead_letters
    assert (dead.position, dead.fields[b"type"]) == (bad, b"CheckoutInitiated")
    assert (dead.why.reason, dead.why.attempts) == ("last", ATTEMPTS_MAX)
    assert (dead.why.first_error, dead.why.last_error) == ("RuntimeError: first", "ValueError: last")
    assert "ValueError: last" in dead.why.traceback
    assert bench.step.attempts[bad] == [1, 2, 3, 4, 5]
    assert bench.pending == {}
    assert [position for position, _ in bench.telemetry.dead_letters] == [bad]


def test_an_error_that_says_nothing_is_named_in_the_reason(bench: Bench) -> None:
    bad = bench.write()
    bench.step.trouble = {bad: KeyError()}
    worker = bench.worker(policy=attrs.evolve(POLICY, attempts_max=1))
    worker.turn()
    assert bench.dead_letters[0].why.reason == "KeyError: "


@pytest.mark.parametrize("error", [MalformedEvent("payload is missing"), UnknownCheckout("c-1")])
def test_what_trying_again_cannot_help_is_set_aside_at_once(bench: Bench, error: Exception) -> None:
    bad = bench.write()
    bench.step.trouble = {bad: error}

    bench.worker().turn()

    (dead,) = bench.dead_letters
    assert (dead.why.attempts, dead.why.reason) == (1, str(error))
    assert bench.pending == {}


def test_a_fact_that_came_too_early_is_tried_again(bench: Bench) -> None:
    early = bench.write()
    bench.step.trouble = {early: FactTooEarly("c-1")}
    bench.worker().turn()
    assert set(bench.pending) == {early}
    assert bench.dead_letters == []


def test_what_fails_when_time_passes_is_told_and_stops_no_delivery(bench: Bench) -> None:
    def tick() -> None:
        raise ValueError("a deadline that cannot be read")

    bench.step.on_tick = tick
    bench.write()
    worker = bench.worker()
    assert [worker.turn(), worker.turn()] == [1, 0]
    assert bench.pending == {}
    assert [str(error) for error in bench.telemetry.interruptions] == ["a deadline that cannot be read"] * 2
