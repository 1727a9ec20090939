"""A measured figure, and the table and the file of all of them."""

import json
import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Final, Literal

import attrs
from rich.console import Console
from rich.table import Table

_DIGITS: Final = 3


@attrs.frozen
class Goal:
    """What a figure is to reach: `Goal(">=", 0.5)`."""

    sign: Literal[">=", "<="]
    value: float

    def is_reached_by(self, value: float) -> bool:
        """Whether `value` is good enough."""
        return value >= self.value if self.sign == ">=" else value <= self.value


@attrs.frozen(kw_only=True)
class Figure:
    """One thing measured in several rounds. `of` is the measurement it belongs to."""

    of: str
    what: str
    unit: str
    rounds: tuple[float, ...]
    goal: Goal | None = None

    @property
    def median(self) -> float:
        """The middle one of the rounds."""
        return median(self.rounds)

    @property
    def verdict(self) -> str:
        """Whether the median reaches the goal; empty where there is none."""
        if self.goal is None:
            return ""
        said = f"{self.goal.sign} {_short(self.goal.value)}"
        return f"[green]{said}[/]" if self.goal.is_reached_by(self.median) else f"[red]{said} missed[/]"


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, ...]:
    """Ours over theirs, round by round: what slows one round down slows both."""
    return tuple(our / their for our, their in zip(ours, theirs, strict=True))


def table(figures: Iterable[Figure]) -> Table:
    """All of them, a section for each measurement."""
    shown = Table(title=f"Comptoir, {platform.system()} {platform.machine()}, {os.cpu_count()} cores")
    for heading in ("measurement", "figure"):
        shown.add_column(heading)
    for heading in ("median", "min", "max"):
        shown.add_column(heading, justify="right", no_wrap=True)
    for heading in ("unit", "goal"):
        shown.add_column(heading)
    before = None
    for figure in figures:
        if before not in (None, figure.of):
            shown.add_section()
        numbers = (figure.median, min(figure.rounds), max(figure.rounds))
        name = "" if figure.of == before else figure.of
        shown.add_row(name, figure.what, *map(_short, numbers), figure.unit, figure.verdict)
        before = figure.of
    return shown


def show(figures: Sequence[Figure]) -> None:
    """Print the table; as wide as it needs where nobody looks at a terminal."""
    console = Console() if os.isatty(1) else Console(width=160)
    console.print(table(figures))


def write(figures: Sequence[Figure], path: Path, *, took_s: float) -> None:
    """Write them as JSON."""
    machine = {
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
    }
    rows = [_row(figure) for figure in figures]
    text = json.dumps({"machine": machine, "took_s": round(took_s, 1), "figures": rows}, indent=2)
    path.write_text(text + "\n", encoding="utf-8")


def _row(figure: Figure) -> dict[str, object]:
    row: dict[str, object] = {
        "of": figure.of,
        "what": figure.what,
        "unit": figure.unit,
        "median": _rounded(figure.median),
        "min": _rounded(min(figure.rounds)),
        "max": _rounded(max(figure.rounds)),
        "rounds": [_rounded(value) for value in figure.rounds],
    }
    if figure.goal is not None:
        row["goal"] = f"{figure.goal.sign} {_short(figure.goal.value)}"
        row["reached"] = figure.goal.is_reached_by(figure.median)
    return row


def _short(value: float) -> str:
    """Three digits, or whole above that."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.{_DIGITS}g}"


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")
