"""Asks a Prometheus what the dashboards ask, and draws it, for readers who have no Grafana at hand."""

import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import httpx
from matplotlib import rc_context
from matplotlib.figure import Figure
from PIL import Image, ImageColor

from docs.dashboard_drawing import BACKGROUND, COLORS, FIRED, INK, LINES, MINUTES, STYLE, Card, Series, Span
from docs.dashboard_panels import Dashboard, Query
from docs.dashboards import DASHBOARDS, placed

IMAGES: Final = Path(__file__).parent / "images"
STEP_S: Final = 2
RATE_INTERVAL: Final = "20s"
TINTS: Final = 14
COLUMN, LINE = 0.62, 0.33  # inches of a column and a line of the grid


def render(url: str, end_s: float | None = None) -> None:
    """A picture of each dashboard, of the minutes before now, or `end_s`, from the Prometheus at `url`."""
    asked = Asked(url, time.time() if end_s is None else end_s)
    for board in DASHBOARDS:
        with rc_context(STYLE):
            path = IMAGES / f"dashboard-{board.uid.removeprefix('comptoir-')}.png"
            _draw(board, asked).savefig(path, dpi=100, facecolor=BACKGROUND)
        drawn = Image.open(path).convert("RGB")
        drawn.quantize(palette=_palette(), dither=Image.Dither.NONE).save(path, optimize=True)


def _palette() -> Image.Image:
    """Every colour that is used, and what lies between it and white, for the edges of lines."""
    used = [ImageColor.getrgb(color)[:3] for color in (*LINES, *COLORS.values(), "black", INK)]
    tints = [
        round(255 - (255 - part) * step / TINTS)
        for color in used
        for step in range(1, TINTS + 1)
        for part in color
    ]
    flat = [part for color in (BACKGROUND, FIRED, "white") for part in ImageColor.getrgb(color)[:3]]
    palette = Image.new("P", (1, 1))
    palette.putpalette([*flat, *tints])
    return palette


class Asked:
    """What a Prometheus has of some minutes."""

    def __init__(self, url: str, end_s: float) -> None:
        self._url = url
        self._end_s = end_s
        fired = self.series(Query('ALERTS{alertstate="firing"}', "{{alertname}}"))
        self.fired = [(one.name, span) for one in fired for span in _spans(one)]
        """The alerts, and when each fired."""

    def series(self, query: Query) -> list[Series]:
        """The series that a question has, with a gap wherever nothing was measured."""
        start_s = self._end_s - 60 * MINUTES
        span = {"start": str(start_s), "end": str(self._end_s), "step": str(STEP_S)}
        asked = {"query": query.chosen(RATE_INTERVAL), **span}
        answer = httpx.get(f"{self._url}/api/v1/query_range", params=asked, trust_env=False, timeout=30.0)
        answer.raise_for_status()
        return [_series(query.legend, found, self._end_s) for found in answer.json()["data"]["result"]]


def _series(legend: str, found: Mapping[str, Any], end_s: float) -> Series:
    name = re.sub(r"{{(\w+)}}", lambda label: found["metric"].get(label[1], ""), legend)
    known = {round((at_s - end_s) / STEP_S): float(value) for at_s, value in found["values"]}
    steps = range(-round(60 * MINUTES / STEP_S), 1)
    return Series(
        name, [step * STEP_S / 60 for step in steps], [known.get(step, float("nan")) for step in steps]
    )


def _spans(series: Series) -> Iterator[Span]:
    """From when to when it had a value, in minutes before the end."""
    began: float | None = None
    for minute, value in zip(series.minutes, series.values, strict=True):
        if value == 1:
            began = minute if began is None else began
        elif began is not None:
            yield began, minute
            began = None
    if began is not None:
        yield began, 0.0


def _draw(board: Dashboard, asked: Asked) -> Figure:
    places = list(placed(board))
    lines = max(place["y"] + place["h"] for _, place in places) + 1.5
    figure = Figure(figsize=(24 * COLUMN, lines * LINE))
    height = lines * LINE
    figure.text(0.008, 1 - 0.95 * LINE / height, board.title, fontsize=14, fontweight="bold")
    figure.text(0.992, 1 - 0.95 * LINE / height, board.about, fontsize=8, color=INK, ha="right")
    for it, place in places:
        top = height - (place["y"] + 1.5) * LINE
        if isinstance(it, str):
            figure.text(0.008, (top - 0.75 * LINE) / height, it, fontsize=10, color=INK)
            continue
        size = (place["w"] * COLUMN, place["h"] * LINE)
        card = Card(figure, place["x"] * COLUMN, top - size[1], *size)
        fired = sorted({span for name, span in asked.fired if name in it.alerts})
        card.show(it, [one for query in it.queries for one in asked.series(query)], fired)
    return figure
