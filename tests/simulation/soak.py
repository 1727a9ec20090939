"""As many schedules as asked for, on all cores: `make soak RUNS=100000 SEED=1`.

Stops at the first that breaks a law, and prints its history and the command that runs it alone.
"""

import argparse
import gc
import json
import os
import secrets
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing import SimpleQueue, get_context

import attrs

from tests.simulation import elsewhere
from tests.simulation.coverage import table
from tests.simulation.happenings import what_happened
from tests.simulation.schedule import Outcome, command_for, run

CHUNK = 20


@attrs.frozen
class Failure:
    """A schedule that broke a law."""

    seed: int
    law: str
    how: str


@attrs.frozen
class Sum:
    """What came of many schedules: how many were run, what happened in them, and the one that failed."""

    done: int
    happened: Counter[str]
    failure: Failure | None


def went(seed: int, *, existing: bool = False) -> tuple[Failure | None, Counter[str]]:
    """What the schedule of `seed` broke, and what happened in it."""
    outcome = elsewhere.run(seed) if existing else run(seed)
    broken = outcome.broken
    if broken:  # then the diary may make no sense
        return Failure(seed, broken.law, broken.how), Counter()
    return None, outcome.happened if isinstance(outcome, elsewhere.Outcome) else what_happened(outcome.world)


def soak(
    first_seed: int,
    runs: int,
    *,
    jobs: int,
    existing: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Sum:
    """Run `runs` schedules until one fails. `existing`: where stock and orders are kept elsewhere."""
    done, in_all = 0, Counter[str]()
    for failure, happened in _runs(range(first_seed, first_seed + runs), jobs, existing):
        done += 1
        in_all.update(happened)
        if failure:
            return Sum(done, in_all, failure)
        progress(done)
    return Sum(done, in_all, None)


def _runs(seeds: range, jobs: int, existing: bool) -> Iterator[tuple[Failure | None, Counter[str]]]:
    one = partial(went, existing=existing)
    if jobs == 1:
        _spare_the_collector()
        yield from map(one, seeds)
        return
    context = get_context("spawn")
    cpus = context.SimpleQueue()
    known = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    for number in range(jobs):
        cpus.put(known[number % len(known)] if known else None)
    with context.Pool(jobs, _settle_down, (cpus,)) as pool:
        yield from pool.imap(one, seeds, chunksize=CHUNK)


def _settle_down(cpus: "SimpleQueue[int | None]") -> None:
    """On one core the baton is handed on by a third faster, as no other core has to wake up for it."""
    _spare_the_collector()
    if (cpu := cpus.get()) is not None:
        os.sched_setaffinity(0, {cpu})


def _spare_the_collector() -> None:
    """A schedule makes many objects and keeps them to its end; looking through them is for afterwards."""
    gc.set_threshold(20_000, 20, 100)


def main() -> int:
    """The command line; 1 if a schedule failed."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000, help="how many schedules")
    parser.add_argument("--seed", type=int, default=None, help="seed of the first; random if not given")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--existing", action="store_true", help="stock and orders are kept elsewhere")
    parser.add_argument("--all", action="store_true", help="print a failure's history with every single call")
    parser.add_argument("--json", action="store_true", help="print one line for programs")
    given = parser.parse_args()
    first = secrets.randbelow(10**9) if given.seed is None else given.seed
    one: Callable[[int], Outcome | elsewhere.Outcome] = elsewhere.run if given.existing else run
    if given.runs == 1 and not given.json:
        outcome = one(first)
        sys.stdout.write(outcome.report(short=not given.all) + "\n")
        return 1 if outcome.broken else 0
    began_s = time.monotonic()

    def tell(done: int) -> None:
        if sys.stderr.isatty() and done % 500 == 0:
            sys.stderr.write(f"\r{done:,} of {given.runs:,} schedules ")

    jobs = min(given.jobs, given.runs)
    in_all = soak(first, given.runs, jobs=jobs, existing=given.existing, progress=tell)
    done, failure = in_all.done, in_all.failure
    took_s = time.monotonic() - began_s
    if given.json:
        found = attrs.asdict(failure) if failure else None
        sys.stdout.write(json.dumps({"schedules": done, "failure": found}) + "\n")
    elif failure:
        sys.stdout.write(one(failure.seed).report(short=not given.all) + "\n")
    else:
        counted = [f"{count:9,}  {kind}" for kind, count in sorted(in_all.happened.items())]
        sys.stdout.write("\n".join(counted if given.existing else table(in_all.happened)) + "\n")
        sys.stdout.write(f"{done:,} schedules from seed {first} in {took_s:.0f} s: every law held\n")
        if not given.existing:
            sys.stdout.write(f"the last one alone: {command_for(first + done - 1)}\n")
    return 1 if failure else 0


if __name__ == "__main__":
    sys.exit(main())
