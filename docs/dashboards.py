"""Writes the dashboards for Grafana: `python -m docs.dashboards`, into deploy/grafana/dashboards.

`python -m docs.dashboards --render http://prometheus:9090` draws what they show of the last minutes, or of
those before a moment given in epoch seconds, into docs/images; it needs what requirements/docs.txt names.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from docs.dashboard_bus import BUS
from docs.dashboard_http import HTTP
from docs.dashboard_panels import Choice, Dashboard, Panel
from docs.dashboard_saga import SAGA

DASHBOARDS: Final = (SAGA, BUS, HTTP)
DIRECTORY: Final = Path(__file__).parent.parent / "deploy" / "grafana" / "dashboards"
_SOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
_WIDTH: Final = 24  # columns of Grafana's grid
_RUNBOOKS: Final = {
    "name": "runbooks",
    "label": "Runbooks at",
    "type": "textbox",
    "query": "docs/runbooks",
    "current": {"text": "docs/runbooks", "value": "docs/runbooks"},
}


def files() -> dict[Path, str]:
    """What each file has to hold."""
    return {
        DIRECTORY / f"{board.uid}.json": json.dumps(_json(board), indent=1) + "\n" for board in DASHBOARDS
    }


def placed(board: Dashboard) -> Iterator[tuple[str | Panel, dict[str, int]]]:
    """The title of each row, and each panel, with its place on the grid."""
    y = 0
    for row in board.rows:
        yield row.title, {"x": 0, "y": y, "w": _WIDTH, "h": 1}
        width = _WIDTH // len(row.panels)
        for number, panel in enumerate(row.panels):
            yield panel, {"x": number * width, "y": y + 1, "w": width, "h": row.height}
        y += 1 + row.height


def _json(board: Dashboard) -> dict[str, Any]:
    return {
        "uid": board.uid,
        "title": board.title,
        "description": board.about,
        "tags": ["comptoir"],
        "schemaVersion": 39,
        "editable": True,
        "graphTooltip": 1,  # one crosshair for all panels
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "annotations": {"list": [_alerts()]},
        "templating": {"list": _variables(board.choices)},
        "links": [_link(other) for other in DASHBOARDS if other is not board],
        "panels": [
            {"id": number, "gridPos": place} | (_row(it) if isinstance(it, str) else _panel(it))
            for number, (it, place) in enumerate(placed(board), 1)
        ],
    }


def _row(title: str) -> dict[str, Any]:
    return {"type": "row", "title": title, "collapsed": False, "panels": []}


def _panel(panel: Panel) -> dict[str, Any]:
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.about,
        "links": [
            {"title": f"What to do about {alert}", "url": f"${{runbooks}}/{alert}.md", "targetBlank": True}
            for alert in panel.alerts
        ],
        "datasource": _SOURCE,
        "targets": [
            {
                "refId": chr(ord("A") + n),
                "datasource": _SOURCE,
                "expr": query.expr,
                "legendFormat": query.legend,
            }
            for n, query in enumerate(panel.queries)
        ],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": _stat_options() if panel.kind == "stat" else _series_options(),
    }


def _defaults(panel: Panel) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": panel.base, "value": None}]
    steps += [{"color": color, "value": value} for value, color in panel.thresholds]
    defaults: dict[str, Any] = {"unit": panel.unit, "thresholds": {"mode": "absolute", "steps": steps}}
    if panel.kind == "timeseries" and not panel.logarithmic:
        defaults["min"] = 0
    if panel.kind == "timeseries":
        lines = "dashed" if panel.thresholds else "off"
        scale = {"type": "log", "log": 10} if panel.logarithmic else {"type": "linear"}
        defaults["custom"] = {
            "fillOpacity": 0 if panel.logarithmic else 8,
            "lineWidth": 1,
            "spanNulls": False,  # what was not measured is a gap
            "scaleDistribution": scale,
            "thresholdsStyle": {"mode": lines},
        }
        defaults["color"] = {"mode": "palette-classic"}
    else:
        defaults["color"] = {"mode": "thresholds"}
    return defaults


def _stat_options() -> dict[str, Any]:
    reduced = {"calcs": ["lastNotNull"], "fields": "", "values": False}
    return {"reduceOptions": reduced, "colorMode": "value", "graphMode": "area", "textMode": "value"}


def _series_options() -> dict[str, Any]:
    legend = {"showLegend": True, "displayMode": "list", "placement": "bottom", "calcs": []}
    return {"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}}


def _variables(choices: Iterable[Choice]) -> list[dict[str, Any]]:
    source = {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}
    return [source, *map(_choice, choices), _RUNBOOKS]


def _choice(choice: Choice) -> dict[str, Any]:
    return {
        "name": choice.name,
        "label": choice.label,
        "type": "query",
        "datasource": _SOURCE,
        "query": {"query": choice.found, "refId": choice.name},
        "refresh": 2,  # whenever the time range changes
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def _alerts() -> dict[str, Any]:
    return {
        "name": "Alerts",
        "enable": True,
        "datasource": _SOURCE,
        "expr": 'ALERTS{alertstate="firing"}',
        "titleFormat": "{{alertname}}",
        "textFormat": "{{group}} {{step}} {{instance}}",
        "iconColor": "red",
        "step": "30s",
    }


def _link(other: Dashboard) -> dict[str, Any]:
    return {
        "title": other.title,
        "type": "link",
        "url": f"/d/{other.uid}",
        "keepTime": True,
        "includeVars": True,
    }


if __name__ == "__main__":
    if sys.argv[1:2] == ["--render"]:
        from docs.dashboard_pictures import render

        render(sys.argv[2], *map(float, sys.argv[3:4]))
    else:
        DIRECTORY.mkdir(parents=True, exist_ok=True)
        for path, text in files().items():
            path.write_text(text)
