"""As many schedules as asked for, on all cores: `make soak RUNS=100000 SEED=1`.

Stops at the first that breaks a law, and prints its history and the command that runs it alone.
"""

import argparse
import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing import get_context

import attrs

from tests.simulation.schedule import command_for, run

CHUNK = 20


@attrs.frozen
class Failure:
    """A schedule that broke a law."""

    seed: int
    law: str
    how: str


def failure_of(seed: int) -> Failure | None:
    """What the schedule of `seed` broke."""
    broken = run(seed).broken
    return Failure(seed, broken.law, broken.how) if broken else None


def soak(
    first_seed: int, runs: int, *, jobs: int, progress: Callable[[int], None] = lambda _: None
) -> tuple[int, Failure | None]:
    """Run `runs` schedules until one fails: how many were run, and which failed."""
    done = 0
    for failure in _failures(range(first_seed, first_seed + runs), jobs):
        done += 1
        if failure:
            return done, failure
        progress(done)
    return done, None


def _failures(seeds: range, jobs: int) -> Iterator[Failure | None]:
    if jobs == 1:
        yield from map(failure_of, seeds)
        return
    with get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap(failure_of, seeds, chunksize=CHUNK)


def main() -> int:
    """The command line; 1 if a schedule failed."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000, help="how many schedules")
    parser.add_argument("--seed", type=int, default=None, help="seed of the first; random if not given")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--all", action="store_true", help="print a failure's history with every single call")
    parser.add_argument("--json", action="store_true", help="print one line for programs")
    given = parser.parse_args()
    first = secrets.randbelow(10**9) if given.seed is None else given.seed
    if given.runs == 1 and not given.json:
        outcome = run(first)
        sys.stdout.write(outcome.report(short=not given.all) + "\n")
        return 1 if outcome.broken else 0
    began_s = time.monotonic()

    def tell(done: int) -> None:
        if sys.stderr.isatty() and done % 500 == 0:
            sys.stderr.write(f"\r{done:,} of {given.runs:,} schedules ")

    done, failure = soak(first, given.runs, jobs=min(given.jobs, given.runs), progress=tell)
    took_s = time.monotonic() - began_s
    if given.json:
        found = attrs.asdict(failure) if failure else None
        sys.stdout.write(json.dumps({"schedules": done, "failure": found}) + "\n")
    elif failure:
        sys.stdout.write(run(failure.seed).report(short=not given.all) + "\n")
    else:
        sys.stdout.write(f"{done:,} schedules from seed {first} in {took_s:.0f} s: every law held\n")
        sys.stdout.write(f"the last one alone: {command_for(first + done - 1)}\n")
    return 1 if failure else 0


if __name__ == "__main__":
    sys.exit(main())
