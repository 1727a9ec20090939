"""3,000 schedules, and whether the simulation is fit to judge."""

import os
import subprocess
import sys
from typing import Final

import pytest

from tests.simulation.coverage import CALLS, KINDS, at
from tests.simulation.sabotage import ROOT, commit, fits
from tests.simulation.sabotages import SABOTAGES, Sabotage
from tests.simulation.schedule import Outcome, run
from tests.simulation.soak import Sum, soak
from tests.simulation.weather import Fault

SCHEDULES: Final = 3_000
OFTEN: Final = 24
SAMPLE: Final = range(60)
QUICKLY_CAUGHT: Final = (
    "drop the version check of the store",
    "acknowledge before handling",
    "give back under an id that is new each time",
)


@pytest.fixture(scope="module")
def many() -> Sum:
    return soak(0, SCHEDULES, jobs=os.cpu_count() or 1)


@pytest.mark.slow
def test_every_law_holds_in_every_schedule(many: Sum) -> None:
    failure = many.failure
    assert failure is None, run(failure.seed).report()
    assert many.done == SCHEDULES


@pytest.mark.slow
def test_every_kind_of_trouble_comes_often(many: Sum) -> None:
    assert {kind: many.happened[kind] for kind in KINDS if many.happened[kind] < OFTEN} == {}


@pytest.mark.slow
def test_a_process_dies_before_and_after_each_call_of_a_port(many: Sum) -> None:
    counts = {
        (fault.value, call): many.happened[at(fault.value, call)]
        for fault in (Fault.CRASH_BEFORE, Fault.CRASH_AFTER)
        for call in CALLS
    }

    assert not [where for where, count in counts.items() if not count]


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return [run(seed) for seed in SAMPLE]


def test_a_seed_goes_the_same_way_each_time(outcomes: list[Outcome]) -> None:
    for before in outcomes[:10]:
        assert run(before.seed).world.diary.digest() == before.world.diary.digest()


def test_a_seed_goes_the_same_way_in_another_process(outcomes: list[Outcome]) -> None:
    program = "from tests.simulation.schedule import run; print(run(7).world.diary.digest())"
    for hash_seed in ("1", "2"):
        said = subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert said.stdout.strip() == outcomes[7].world.diary.digest()


def test_every_fault_happens(outcomes: list[Outcome]) -> None:
    happened = {note.what for outcome in outcomes for note in outcome.world.diary.notes}

    assert {fault.value for fault in Fault} <= happened


def test_checkouts_end_in_every_way(outcomes: list[Outcome]) -> None:
    types = {
        event.decode()
        for outcome in outcomes
        for entry in outcome.world.log.stream("ecommerce.checkout.events").entries.values()
        if (event := entry.get(b"type"))
    }

    assert types >= {
        "CheckoutSucceeded",
        "CheckoutFailed",
        "CheckoutDeadlineExpired",
        "StockReservationFailed",
        "OrderCreationFailed",
        "StockReleased",
    }


def test_a_history_tells_who_did_what_and_how_to_see_it_again(outcomes: list[Outcome]) -> None:
    report = outcomes[3].report()

    assert "event_store.append" in report
    assert "CheckoutInitiated -> " in report
    assert report.endswith("make soak RUNS=1 SEED=3")


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda sabotage: sabotage.name)
def test_a_sabotage_still_fits_the_code(sabotage: Sabotage) -> None:
    assert fits(sabotage)


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICKLY_CAUGHT)
def test_a_sabotage_is_caught(name: str) -> None:
    (sabotage,) = (known for known in SABOTAGES if known.name == name)

    verdict = commit(sabotage, runs=500)

    assert verdict.expected, verdict
