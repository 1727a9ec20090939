"""A worker whose step cannot say that it gives up: the delivery stays pending, the others go on."""

import attrs
import pytest

from application.ports.delivery import Delivery
from application.ports.errors import Unavailable
from tests.unit.application.worker_bench import POLICY, Bench, ObedientStep

ONE_ATTEMPT = attrs.evolve(POLICY, attempts_max=1)


@attrs.define
class Speechless(ObedientStep):
    """A step that raises `speechless` instead of giving up."""

    speechless: Exception | None = None

    def give_up(self, delivery: Delivery, reason: str) -> None:
        if self.speechless:
            raise self.speechless


def bench_with(step: Speechless) -> tuple[Bench, str]:
    bench = Bench(step=step)
    position = bench.write()
    step.trouble = {position: RuntimeError("the first trouble")}
    return bench, position


def test_a_bug_in_giving_up_stops_neither_the_worker_nor_other_deliveries() -> None:
    step = Speechless(speechless=ValueError("no words"))
    bench, position = bench_with(step)
    worker = bench.worker(policy=ONE_ATTEMPT)
    worker.turn()
    other = bench.write()

    bench.turn_after(worker, 31)

    assert (set(bench.pending), bench.dead_letters) == ({position}, [])
    assert step.attempts[other] == [1]


@pytest.mark.parametrize("speechless", [ValueError("no words"), Unavailable("no answer")], ids=repr)
def test_it_is_set_aside_once_that_can_be_said_with_all_that_was_known(speechless: Exception) -> None:
    step = Speechless(speechless=speechless)
    bench, position = bench_with(step)
    worker = bench.worker(policy=ONE_ATTEMPT)
    try:
        worker.turn()
    except Unavailable:
        assert isinstance(speechless, Unavailable)
    step.speechless, step.trouble = None, {position: RuntimeError("the second trouble")}

    bench.turn_after(worker, 31)

    (kept,) = bench.dead_letters
    assert kept.why.first_error == "RuntimeError: the first trouble"
    assert kept.why.last_error == "RuntimeError: the second trouble"
    assert bench.pending == {}
