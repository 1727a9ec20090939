"""Real processes under load and in trouble: `make chaos SEED=1`, `make chaos SERVER=redis`.

Exit code 0 when every law held, 1 when one did not (what the run left is then kept), 2 when a server that
was asked for is not there.
"""

import argparse
import os
import secrets
import shutil
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import Final

from entrypoints.up import embedded_server
from tests.chaos.plan import plan, summary
from tests.chaos.run import Run
from tests.chaos.starting import CHECKOUT_DEADLINE_S, CLAIM_IDLE_MS
from tests.chaos.table import is_violated, table

VALKEY: Final = "valkey"
REDIS: Final = "redis"
NO_REDIS: Final = "no redis-server: install it, or name it in REDIS_SERVER"


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument(
        "--seconds", type=float, default=120.0, help="how long the load and the troubles last"
    )
    parser.add_argument("--rate", type=float, default=200.0, help="checkouts asked for in a second")
    parser.add_argument("--kills-per-second", type=float, default=1.0, help="workers that are killed")
    parser.add_argument("--seed", type=int, default=None, help="of load and troubles; random if not given")
    parser.add_argument(
        "--server",
        action="append",
        metavar="valkey|redis|PATH",
        help="the embedded one, the redis-server at hand, or the one at PATH; by default both of the former",
    )
    parser.add_argument(
        "--existing",
        action="store_true",
        help="with stock and orders of existing services, for which 60 s and 10 checkouts/s are plenty",
    )
    given = parser.parse_args()
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    wanted = given.server or [VALKEY, REDIS]
    binaries = {name: _binary(name) for name in wanted}
    missing = [name for name, binary in binaries.items() if name != VALKEY and binary is None]
    if missing and (given.server or os.environ.get("CI")):
        say(NO_REDIS if missing == [REDIS] else f"no such server: {', '.join(missing)}")
        return 2
    fine = [_run(given, seed, name, binary) for name, binary in binaries.items() if name not in missing]
    if missing:
        say(f"SKIPPED on Redis: {NO_REDIS}")
    return 0 if all(fine) else 1


def say(text: str) -> None:
    """Show it now, also where nobody watches a terminal."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _binary(name: str) -> Path | None:
    if name == VALKEY:
        return None
    named = (os.environ.get("REDIS_SERVER") or "redis-server") if name == REDIS else name
    found = shutil.which(named)
    return Path(found) if found else None


def _run(given: argparse.Namespace, seed: int, name: str, binary: Path | None) -> bool:
    """Whether every law held."""
    title = f"{name if binary else 'embedded Valkey'} {embedded_server.version(binary)}"
    troubles = plan(seconds=given.seconds, kills_per_second=given.kills_per_second, seed=seed)
    say(
        f"chaos on {title}: {given.rate:g} checkouts/s for {given.seconds:g} s, seed {seed}, claim time"
        f" {CLAIM_IDLE_MS / 1000:g} s, deadline {CHECKOUT_DEADLINE_S:g} s, appendfsync always"
    )
    say(textwrap.fill(summary(troubles), width=110, initial_indent="  ", subsequent_indent="  "))
    directory = Path(tempfile.mkdtemp(prefix="comptoir-chaos-"))
    fine = False
    try:
        outcome = Run(
            directory=directory,
            binary=binary,
            rate=given.rate,
            seconds=given.seconds,
            seed=seed,
            troubles=troubles,
            say=say,
            existing=given.existing,
        ).outcome()
        fine = not is_violated(outcome.laws)
        say(table(f"{title}, seed {seed}", outcome.figures, outcome.laws))
    finally:
        if fine:
            shutil.rmtree(directory)
        else:
            say(f"what the run has left is in {directory}")
    return fine


if __name__ == "__main__":
    sys.exit(main())
