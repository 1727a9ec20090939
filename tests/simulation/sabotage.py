"""Does the simulation notice? `make sabotage` applies each of `SABOTAGES` to a copy of the code, runs
schedules on it until a law breaks, and prints which. Exits non-zero if any is never noticed."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import attrs

from tests.simulation.sabotages import SABOTAGES, Sabotage

ROOT: Final = Path(__file__).parents[2]
COPIED: Final = ("domain", "application", "adapters", "entrypoints", "tests")
RUNS_MAX: Final = 10_000
TIMEOUT_S: Final = 1_800


@attrs.frozen
class Verdict:
    """What became of a sabotage: the law that caught it (None: it survived), after how many schedules."""

    sabotage: Sabotage
    law: str | None
    schedules: int

    @property
    def expected(self) -> bool:
        return self.law in self.sabotage.caught_by

    def __str__(self) -> str:
        if self.law is None:
            return "NOTHING: it survives"
        return self.law if self.expected else f"{self.law} (another law than expected)"


def fits(sabotage: Sabotage, root: Path = ROOT) -> bool:
    """Whether its lines are still there, each once."""
    return all((root / change.file).read_text().count(change.old) == 1 for change in sabotage.changes)


def commit(sabotage: Sabotage, *, runs: int = RUNS_MAX) -> Verdict:
    """Sabotage a copy of the code and run schedules on it."""
    assert fits(sabotage), f"{sabotage.name}: a line of it is not in its file, or more than once"
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory)
        for name in COPIED:
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        for change in sabotage.changes:
            file = copy / change.file
            file.write_text(file.read_text().replace(change.old, change.new))
        command = [sys.executable, "-B", "-m", "tests.simulation.soak", "--json", "--jobs", "1"]
        ran = subprocess.run(
            [*command, *["--existing"][: sabotage.existing], "--seed", "0", "--runs", str(runs)],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy)},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    assert ran.stdout, f"{sabotage.name}: {ran.stderr}"
    said = json.loads(ran.stdout)
    return Verdict(sabotage, said["failure"] and said["failure"]["law"], said["schedules"])


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="sabotage", description=__doc__)
    parser.add_argument("--only", default="", help="those whose name has this in it")
    parser.add_argument("--runs", type=int, default=RUNS_MAX, help="schedules before one counts as survived")
    given = parser.parse_args()
    chosen = [sabotage for sabotage in SABOTAGES if given.only in sabotage.name]
    width = max(len(sabotage.name) for sabotage in chosen)
    survivors = 0
    sys.stdout.write(f"{'sabotage':<{width}}  schedules  caught by\n")
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for verdict in pool.map(lambda sabotage: commit(sabotage, runs=given.runs), chosen):
            survivors += verdict.law is None
            sys.stdout.write(f"{verdict.sabotage.name:<{width}}  {verdict.schedules:>9,}  {verdict}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{len(chosen) - survivors} of {len(chosen)} caught\n")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
