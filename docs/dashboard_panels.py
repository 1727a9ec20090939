"""The words in which dashboards are written down, and what both of them ask for."""

import re
from typing import Final, Literal

import attrs

OK: Final = "green"
WARN: Final = "orange"
BAD: Final = "red"

Steps = tuple[tuple[float, str], ...]
"""From this value on, that colour; below the first it is `base`."""


@attrs.frozen
class Query:
    """What Prometheus is asked, and what each series is called: {{label}} is the value of a label."""

    expr: str
    legend: str

    def chosen(self, interval: str, **choices: str) -> str:
        """The expression, with rates over `interval`; of what is not chosen, all."""
        expr = self.expr.replace("$__rate_interval", interval)
        return re.sub(r"\$(\w+)", lambda choice: choices.get(choice[1], ".*"), expr)


@attrs.frozen
class Panel:
    """`unit` is one of Grafana's. `logarithmic`: milliseconds and minutes are told apart in one picture.
    `alerts`: those that it shows coming; the panel leads to what to do about each."""

    title: str
    about: str
    unit: str
    queries: tuple[Query, ...]
    kind: Literal["stat", "timeseries"] = "timeseries"
    thresholds: Steps = ()
    base: str = OK
    logarithmic: bool = False
    alerts: tuple[str, ...] = ()


@attrs.frozen
class Choice:
    """What is chosen at the top of a dashboard, and where the choices are found: some, or all."""

    name: str
    label: str
    found: str


@attrs.frozen
class Row:
    """Panels side by side; `height` in Grafana's rows."""

    title: str
    panels: tuple[Panel, ...]
    height: int = 8


@attrs.frozen
class Dashboard:
    """A page of rows."""

    uid: str
    title: str
    about: str
    choices: tuple[Choice, ...]
    rows: tuple[Row, ...]


def now(title: str, unit: str, expr: str, about: str, limits: Steps = (), *, base: str = OK) -> Panel:
    """One figure: what it is at this moment."""
    return Panel(title, about, unit, (Query(expr, title.lower()),), "stat", limits, base)


def lines(
    title: str,
    unit: str,
    about: str,
    *queries: tuple[str, str],
    limits: Steps = (),
    logarithmic: bool = False,
    alerts: tuple[str, ...] = (),
) -> Panel:
    """How it went; each query with its legend."""
    asked = tuple(Query(*query) for query in queries)
    return Panel(title, about, unit, asked, thresholds=limits, logarithmic=logarithmic, alerts=alerts)


def rate(metric: str, by: str = "", where: str = "") -> str:
    """Per second, over all processes."""
    return f"sum{f' by ({by}) ' if by else ''}(rate({metric}{where}[$__rate_interval]))"


def quantile(of: float, metric: str, by: str = "", where: str = "") -> str:
    """Of a histogram, over all processes."""
    return f"histogram_quantile({of}, {rate(f'{metric}_bucket', f'{by}, le' if by else 'le', where)})"


def of_groups(metric: str) -> str:
    """Every process of a worker shows its group; they say the same."""
    return f'max by (group) ({metric}{{topic=~"$stream", group=~"$group"}})'


STREAM: Final = Choice("stream", "Stream", "label_values(events_published_total, topic)")
GROUP: Final = Choice("group", "Group", 'label_values(group_lag_events{topic=~"$stream"}, group)')
ON_STREAM: Final = '{topic=~"$stream"}'
PERCENTILES: Final = (
    (0.5, "half are at most"),
    (0.95, "19 of 20 are at most"),
    (0.99, "99 of 100 are at most"),
)
