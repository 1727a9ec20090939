"""`python -m bench [NAME ...] [--seconds N] [--rounds N] [--json FILE]`; FULL=1 adds what takes minutes."""

import importlib
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Annotated, Final

from cyclopts import App, Parameter
from rich.console import Console

from bench.effort import Effort, Measurement
from bench.figures import Figure, show, write

MEASUREMENTS: Final = {
    "saga": "saga_drain",
    "latency": "saga_latency",
    "append": "append",
    "worker-loop": "worker_loop",
    "http": "http_accept",
    "reads": "reads",
    "memory": "memory",
    "catch-up": "catch_up",
    "backlog": "backlog",
    "in-memory": "in_memory",
    "start-up": "start_up",
    "peers": "peers",
}
"""Name -> the file that measures it."""

RESULTS: Final = Path(__file__).parent / "results.json"
app: Final = App(name="bench", help="Measure what Comptoir costs.", help_format="plaintext")


@app.default
def main(
    *names: str,
    seconds: float = 2.0,
    rounds: int = 3,
    json: Annotated[Path | None, Parameter(help="where the figures go")] = None,
) -> int:
    """Measure NAMES, or everything; print one table. Of everything, bench/results.json keeps the figures.

    Parameters
    ----------
    names
        saga, latency, append, worker-loop, http, reads, memory, catch-up, backlog, in-memory, start-up,
        peers.
    seconds
        How long a round takes, about.
    rounds
        How often each figure is taken; the table shows median, least and most.
    """
    if unknown := [name for name in names if name not in MEASUREMENTS]:
        print(
            f"bench: no measurement {', '.join(unknown)}; there are {', '.join(MEASUREMENTS)}",
            file=sys.stderr,
        )
        return 2
    for number in (signal.SIGINT, signal.SIGTERM):  # so that everything is taken down on the way out
        signal.signal(number, _as_interrupt)
    effort = Effort(seconds=seconds, rounds=rounds, full=os.environ.get("FULL") == "1")
    began_s = time.monotonic()
    figures: list[Figure] = []
    interrupted = False
    try:
        for name in names or MEASUREMENTS:
            figures += _measured(name, effort)
    except KeyboardInterrupt:
        interrupted = True
    if figures:
        show(figures)
    kept = json or (None if names or interrupted else RESULTS)
    if figures and kept:
        write(figures, kept, took_s=time.monotonic() - began_s)
    return 130 if interrupted else 0


def _measured(name: str, effort: Effort) -> list[Figure]:
    measure: Measurement = importlib.import_module(f"bench.{MEASUREMENTS[name]}").measure
    began_s = time.monotonic()
    with Console(stderr=True).status(f"measuring {name} ..."):
        figures = measure(effort)
    print(f"{name}: {time.monotonic() - began_s:.0f} s", file=sys.stderr)
    return figures


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(app())
