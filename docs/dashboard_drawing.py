"""How a panel of a dashboard is drawn."""

import math
from collections.abc import Sequence
from itertools import cycle
from typing import Any, Final

import attrs
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from docs.dashboard_panels import Panel

MINUTES: Final = 7
BACKGROUND: Final = "#e9edf3"
INK: Final = "#5c6878"
FIRED: Final = "#f7d4d6"
COLORS: Final = {"green": "#1a7f4b", "orange": "#c46a00", "red": "#c0262d"}
LINES: Final = (
    "#2f6fb7", "#e08214", "#2f9e62", "#c94f4f", "#8064b0", "#8c6d46",
    "#d673b0", "#6b7683", "#a5a517", "#25a8b8", "#1f3b73", "#7fb2e5",
)  # fmt: skip
STYLE: Final = {
    "font.size": 8,
    "font.family": "DejaVu Sans",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#b8c0cc",
    "xtick.color": INK,
    "ytick.color": INK,
}
LINES_HIGH_MIN: Final = 1.05  # inches, whatever the legend takes
LEFT, RIGHT, TOP, BELOW, LEGEND_LINE, LETTER = 0.66, 0.22, 0.42, 0.27, 0.125, 0.062  # inches
MIB: Final = 2.0**20

Span = tuple[float, float]
"""From and to, in minutes before the end."""


@attrs.frozen
class Series:
    """What is drawn as one line: minutes before the end, and values; NaN is a gap."""

    name: str
    minutes: list[float]
    values: list[float]

    @property
    def known(self) -> list[float]:
        """The values that there are."""
        return [value for value in self.values if math.isfinite(value)]


@attrs.frozen
class Card:
    """A white rectangle of `figure`, from its lower left corner, in inches."""

    figure: Figure
    x: float
    y: float
    width: float
    height: float

    def show(self, panel: Panel, series: Sequence[Series], fired: Sequence[Span]) -> None:
        """The panel, with what its queries gave, and when its alerts fired."""
        card = self._axes(0.04, 0.04, self.width - 0.08, self.height - 0.08)
        card.set(xticks=[], yticks=[], facecolor="white")
        card.spines[:].set_visible(False)
        self._text(0.14, self.height - 0.26, panel.title, fontweight="bold")
        if panel.kind == "stat":
            self._figure(panel, series)
        else:
            self._lines(panel, series, fired)

    def _axes(self, x: float, y: float, width: float, height: float) -> Axes:
        wide, high = self.figure.get_size_inches()
        return self.figure.add_axes(((self.x + x) / wide, (self.y + y) / high, width / wide, height / high))

    def _text(self, x: float, y: float, text: str, **style: Any) -> None:
        wide, high = self.figure.get_size_inches()
        self.figure.text((self.x + x) / wide, (self.y + y) / high, text, **style)

    def _figure(self, panel: Panel, series: Sequence[Series]) -> None:
        value = next((one.values[-1] for one in series if math.isfinite(one.values[-1])), None)
        color = panel.base
        for limit, above in panel.thresholds:
            color = above if value is not None and value >= limit else color
        if value is not None:
            course = self._axes(0.04, 0.04, self.width - 0.08, 0.36 * self.height)
            course.axis("off")
            course.fill_between(series[0].minutes, series[0].values, color=COLORS[color], alpha=0.12)
            course.plot(series[0].minutes, series[0].values, color=COLORS[color], linewidth=0.8, alpha=0.6)
            course.set(xlim=(-MINUTES, 0), ylim=(0, 1.1 * max([*series[0].known, 1e-9])))
        text = "no data" if value is None else said(value, panel.unit)
        middle = {"ha": "center", "va": "center", "fontsize": 20, "color": COLORS[color]}
        self._text(self.width / 2, 0.55 * self.height, text, **middle)

    def _lines(self, panel: Panel, series: Sequence[Series], fired: Sequence[Span]) -> None:
        drawn = sorted(series, key=lambda one: -max(one.known, default=0.0))
        names = [one.name for one in drawn]
        columns = max(1, int((self.width - 0.2) / (LETTER * max(map(len, names), default=1) + 0.32)))
        room = int((self.height - TOP - BELOW - 0.1 - LINES_HIGH_MIN) / LEGEND_LINE)
        lines = min(math.ceil(len(names) / columns), room)
        below = BELOW + lines * LEGEND_LINE + 0.1
        axes = self._axes(LEFT, below, self.width - LEFT - RIGHT, self.height - TOP - below)
        scale = _scale(panel.unit, drawn)
        color = dict(zip(sorted(names), cycle(LINES), strict=False))  # the same in panels of the same names
        shown = [
            axes.plot(one.minutes, [v / scale for v in one.values], linewidth=1.1, color=color[one.name])[0]
            for one in drawn
        ]
        _draw_scales(axes, panel, [value / scale for one in drawn for value in one.known], scale)
        for begin, end in fired:
            axes.axvspan(begin, end, color=FIRED, linewidth=0, zorder=0)
        kept = columns * room
        wide, high = self.figure.get_size_inches()
        self.figure.legend(
            shown[:kept], names[:kept], loc="lower left", ncols=columns, fontsize=6.5, frameon=False,
            bbox_to_anchor=((self.x + 0.08) / wide, (self.y + 0.06) / high), borderaxespad=0.0,
            handlelength=1.2, columnspacing=1.2, labelspacing=0.25,
        )  # fmt: skip


def _scale(unit: str, series: Sequence[Series]) -> float:
    """What values are divided by, so that their ticks are round in the words in which they are said."""
    longest = max((value for one in series for value in one.known), default=0.0)
    return MIB if unit == "bytes" else 60.0 if unit == "s" and longest > 120 else 1.0


def _draw_scales(axes: Axes, panel: Panel, known: Sequence[float], scale: float) -> None:
    positive = [value for value in known if value > 0]
    if panel.logarithmic and positive:
        lowest, highest = (math.log10(pick(positive)) for pick in (min, max))
        axes.set_yscale("log")
        axes.set_ylim(10 ** math.floor(lowest), 10 ** max(math.ceil(highest), math.floor(lowest) + 1))
        axes.yaxis.set_major_locator(LogLocator(numticks=6))
        axes.yaxis.set_minor_locator(NullLocator())
    else:
        axes.set_ylim(0, 1.12 * max(known, default=0.0) or 1.0)
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=panel.unit == "short"))
    low, high = axes.get_ylim()
    for limit, color in panel.thresholds:
        if low < limit < high:
            axes.axhline(limit, color=COLORS[color], linewidth=0.8, linestyle="--", alpha=0.7)
    axes.set_xlim(-MINUTES, 0)
    axes.yaxis.set_major_formatter(lambda value, _: said(value * scale, panel.unit))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g} min" if value else "now")
    axes.grid(axis="y", color="#e6e9ee", linewidth=0.7)


def said(value: float, unit: str) -> str:
    """A value in words of its unit, as Grafana says it."""
    match unit:
        case "s" if 0 < value < 1:
            return f"{value * 1000:.3g} ms"
        case "s":
            return f"{value:.3g} s" if value < 120 else f"{value / 60:.3g} min"
        case "percentunit":
            return f"{value:.1%}" if 0 < value < 1 else f"{value:.0%}"
        case "bytes":
            return f"{value / MIB:.3g} MiB"
        case "bool_yes_no":
            return "Yes" if value else "No"
        case "cps":
            return f"{value:.3g}/s"
        case _:
            return f"{value:,.5g}"
