"""Draws what the dashboards show of the last minutes, for readers who have no Grafana at hand."""

import math
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import httpx
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image

from docs.dashboard_panels import Dashboard, Panel, Query
from docs.dashboards import DASHBOARDS, placed

IMAGES: Final = Path(__file__).parent / "images"
MINUTES: Final = 7
STEP_S: Final = 2
VARIABLES: Final = {"$__rate_interval": "20s", "$stream": ".*", "$group": ".*"}
COLORS: Final = {"green": "#1a7f4b", "orange": "#c46a00", "red": "#c0262d"}
LEGEND_MAX: Final = 8
GRID_X, GRID_Y = 0.62, 0.32  # inches of a column and a row of the grid
STYLE: Final = {
    "font.size": 8,
    "font.family": "DejaVu Sans",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#b8c0cc",
    "xtick.color": "#5c6878",
    "ytick.color": "#5c6878",
}


@attrs.frozen
class Series:
    """What is drawn as one line: minutes before the end, and values."""

    name: str
    minutes: list[float]
    values: list[float]


def render(url: str) -> None:
    """A picture of each dashboard, of the last minutes that the Prometheus at `url` has."""
    end_s = time.time()
    for board in DASHBOARDS:
        with rc_context(STYLE):
            path = IMAGES / f"dashboard-{board.uid.removeprefix('comptoir-')}.png"
            _draw(board, url, end_s).savefig(path, dpi=100, facecolor="#e9edf3")
        Image.open(path).convert("P", palette=Image.Palette.ADAPTIVE, colors=255).save(path, optimize=True)


def asked(url: str, query: Query, end_s: float) -> list[Series]:
    """The series that a panel's question has had."""
    expr = query.expr
    for name, value in VARIABLES.items():
        expr = expr.replace(name, value)
    span = {"start": str(end_s - 60 * MINUTES), "end": str(end_s), "step": str(STEP_S)}
    answer = httpx.get(f"{url}/api/v1/query_range", params={"query": expr, **span}, trust_env=False)
    answer.raise_for_status()
    return [_series(query.legend, found, end_s) for found in answer.json()["data"]["result"]]


def _series(legend: str, found: Mapping[str, Any], end_s: float) -> Series:
    name = re.sub(r"{{(\w+)}}", lambda label: found["metric"].get(label[1], ""), legend)
    points = [((at_s - end_s) / 60, float(value)) for at_s, value in found["values"]]
    return Series(name, [at for at, _ in points], [value for _, value in points])


def _draw(board: Dashboard, url: str, end_s: float) -> Figure:
    places = list(placed(board))
    rows = max(place["y"] + place["h"] for _, place in places)
    width, height = 24 * GRID_X, (rows + 1.5) * GRID_Y
    figure = Figure(figsize=(width, height))
    figure.text(0.008, 1 - 0.9 * GRID_Y / height, board.title, fontsize=14, fontweight="bold")
    for it, place in places:
        top = 1 - (place["y"] + 1.5) * GRID_Y / height
        if isinstance(it, str):
            figure.text(0.008, top - 0.75 * GRID_Y / height, it, fontsize=10, color="#5c6878")
            continue
        left, wide, high = place["x"] / 24, place["w"] / 24, place["h"] * GRID_Y / height
        card = figure.add_axes((left + 0.003, top - high + 0.002, wide - 0.006, high - 0.004))
        card.set(xticks=[], yticks=[], facecolor="white")
        card.spines[:].set_visible(False)
        card.text(0.03, 1 - 0.09 * 8 / place["h"], it.title, transform=card.transAxes, fontweight="bold")
        series = [one for query in it.queries for one in asked(url, query, end_s)]
        if it.kind == "stat":
            _draw_figure(card, it, series)
        else:
            inside = (left + 0.15 * wide, top - 0.66 * high, 0.81 * wide, 0.5 * high)
            _draw_lines(figure.add_axes(inside), it, series)
    return figure


def _draw_figure(card: Axes, panel: Panel, series: list[Series]) -> None:
    known = [value for one in series for value in one.values[-1:] if not math.isnan(value)]
    color, text = panel.base, "no data"
    if known:
        text = said(known[-1], panel.unit)
        for limit, above in panel.thresholds:
            color = above if known[-1] >= limit else color
    card.text(
        0.5, 0.36, text, transform=card.transAxes, ha="center", va="center", fontsize=20, color=COLORS[color]
    )


def _draw_lines(axes: Axes, panel: Panel, series: list[Series]) -> None:
    highest = 0.0
    for one in series:
        axes.plot(one.minutes, one.values, linewidth=1.1, label=one.name)
        highest = max([highest, *(value for value in one.values if not math.isnan(value))])
    top = 1.05 if panel.unit == "percentunit" else 1.12 * highest or 1.0
    for limit, color in panel.thresholds:
        if limit < top:
            axes.axhline(limit, color=COLORS[color], linewidth=0.9, linestyle="--")
    axes.set(xlim=(-MINUTES, 0), ylim=(0, top))
    axes.yaxis.set_major_formatter(lambda value, _: said(value, panel.unit))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g} min" if value else "now")
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.grid(axis="y", color="#e6e9ee", linewidth=0.7)
    handles, names = axes.get_legend_handles_labels()
    highs = [max(_finite(one), default=0.0) for one in series]
    chosen = [n for n in range(len(series)) if highs[n] or not any(highs)]
    chosen = sorted(chosen, key=lambda n: -highs[n])[:LEGEND_MAX]
    axes.legend(
        [handles[n] for n in chosen],
        [names[n] for n in chosen],
        loc="upper center",
        bbox_to_anchor=(0.46, -0.13),
        ncols=2 if len(chosen) > 3 else 3,
        fontsize=6.5,
        frameon=False,
        handlelength=1.2,
        columnspacing=1.2,
        labelspacing=0.25,
    )


def _finite(series: Series) -> list[float]:
    return [value for value in series.values if not math.isnan(value)]


def said(value: float, unit: str) -> str:
    """A value in words of its unit, as Grafana says it."""
    match unit:
        case "s" if 0 < value < 1:
            return f"{value * 1000:.3g} ms"
        case "s":
            return f"{value:.3g} s" if value < 120 else f"{value / 60:.3g} min"
        case "percentunit":
            return f"{value:.1%}" if value < 1 else "100 %"
        case "bytes":
            return f"{value / 2**20:.3g} MiB"
        case "bool_yes_no":
            return "Yes" if value else "No"
        case "cps":
            return f"{value:.3g}/s"
        case _:
            return f"{value:,.5g}"
