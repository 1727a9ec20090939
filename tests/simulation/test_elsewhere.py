"""Existing services under many schedules: refusals, timeouts, deaths, races, deadlines and doubts."""

from typing import Final

import pytest

from tests.simulation import elsewhere
from tests.simulation.sabotage import commit
from tests.simulation.sabotages import SABOTAGES
from tests.simulation.soak import soak

SCHEDULES: Final = 120
OFTEN: Final = 10


def test_every_law_holds_in_every_schedule_and_every_kind_of_trouble_comes_often() -> None:
    in_all = soak(0, SCHEDULES, jobs=1, existing=True)

    assert in_all.failure is None, elsewhere.run(in_all.failure.seed).report()
    assert {kind: count for kind, count in in_all.happened.items() if count < OFTEN} == {}
    assert {f"a service is to answer: {fault}" for fault in elsewhere.FAULTS} <= in_all.happened.keys()
    assert {
        "a checkout has succeeded",
        "a checkout has failed",
        "an operator cancels",
    } <= in_all.happened.keys()


def test_a_seed_goes_the_same_way_each_time_and_says_how_to_see_it_again() -> None:
    told = [elsewhere.run(3).report(short=False) for _ in range(2)]

    assert told[0] == told[1]
    assert "take-1: done" in told[0]
    assert told[0].endswith("make soak EXISTING=1 RUNS=1 SEED=3")


@pytest.mark.slow
def test_a_call_made_again_that_may_have_happened_is_caught() -> None:
    (sabotage,) = (known for known in SABOTAGES if known.name.startswith("call again what an existing"))

    verdict = commit(sabotage, runs=200)

    assert verdict.expected, verdict
