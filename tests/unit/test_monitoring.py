"""Alerts, their pages and the dashboards keep to each other, and to what the service measures."""

import re
from pathlib import Path
from typing import Any, Final

import yaml

from docs import dashboards
from docs.dashboard_panels import Dashboard, Panel
from docs.monitor import DEPLOYED
from domain.checkout.saga import STEPS
from entrypoints.settings import Settings
from tests.each_row import each_row
from tests.prometheus import metrics_in, rules_in

ROOT: Final = DEPLOYED.parents[1]
RUNBOOKS: Final = ROOT / "docs" / "runbooks"
ALERTS: Final = rules_in("alerts.yml")
RECORDED: Final = {rule["record"] for rule in rules_in("recording.yml")}
PANELS: Final = [panel for board in dashboards.DASHBOARDS for row in board.rows for panel in row.panels]
SECTIONS: Final = ["What it means", "What to look at", "What to do", "When it clears"]
EACH_ALERT: Final = each_row("alert", ALERTS, ids=lambda alert: alert["alert"])


def measured() -> set[str]:
    """What docs/metrics.md lists, which a test holds against the code; with a histogram's series."""
    rows = (ROOT / "docs" / "metrics.md").read_text().partition("| Metric |")[2].splitlines()[2:]
    rows = [row for row in rows if row.startswith("|")]
    listed = {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    of_histograms = {f"{name}_{part}" for name in listed for part in ("bucket", "sum", "count")}
    of_processes = {"start_time_seconds", "cpu_seconds_total", "resident_memory_bytes"}
    return listed | of_histograms | RECORDED | {"up", *(f"process_{name}" for name in of_processes)}


def test_every_alert_is_tested_to_fire_and_not_to_fire() -> None:
    files = (yaml.load(path.read_text(), yaml.CSafeLoader) for path in (DEPLOYED / "tests").glob("*.yml"))
    asked = [case for file in files for test in file["tests"] for case in test.get("alert_rule_test", ())]

    names = {alert["alert"] for alert in ALERTS}
    assert {case["alertname"] for case in asked if case["exp_alerts"]} == names
    assert {case["alertname"] for case in asked if not case["exp_alerts"]} >= names - {"ComptoirUnwatched"}


def test_every_alert_has_a_page_and_every_page_an_alert() -> None:
    assert {alert["alert"] for alert in ALERTS} == {page.stem for page in RUNBOOKS.glob("*.md")}


@EACH_ALERT
def test_an_alert_says_how_bad_it_is_what_it_is_and_where_to_read_on(alert: dict[str, Any]) -> None:
    assert alert["labels"].keys() == {"severity"}
    assert alert["labels"]["severity"] in {"critical", "warning"}
    assert alert["annotations"].keys() == {"summary", "description", "runbook_url"}
    assert alert["annotations"]["runbook_url"] == f"{{{{ $externalLabels.runbooks }}}}/{alert['alert']}.md"


@EACH_ALERT
def test_a_page_tells_what_it_means_and_what_to_do(alert: dict[str, Any]) -> None:
    text = (RUNBOOKS / f"{alert['alert']}.md").read_text()

    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    assert "`comptoir " in text, "with the commands that help"
    assert len(text.splitlines()) < 60, "somebody reads this at night"


@each_row("rule", [*rules_in("recording.yml"), *ALERTS], ids=lambda r: str(r.get("record")))
def test_rules_ask_for_what_is_measured(rule: dict[str, Any]) -> None:
    assert metrics_in(rule["expr"]) <= measured()


def test_each_worker_is_read() -> None:
    config = yaml.safe_load((DEPLOYED / "prometheus.yml").read_text())
    jobs = {job["job_name"]: job["static_configs"][0]["targets"] for job in config["scrape_configs"]}

    port = Settings().metrics_base_port
    assert set(jobs["comptoir-workers"]) == {f"comptoir-{worker}:{port}" for worker in STEPS}


@each_row("path", dashboards.files(), ids=lambda path: path.name)
def test_the_dashboards_are_those_of_the_code(path: Path) -> None:
    assert path.read_text() == dashboards.files()[path], "run: python -m docs.dashboards"


def test_no_dashboard_is_left_over() -> None:
    assert set(dashboards.DIRECTORY.iterdir()) == dashboards.files().keys()


@each_row("panel", PANELS, ids=lambda panel: panel.title)
def test_a_panel_explains_itself_and_asks_for_what_is_measured(panel: Panel) -> None:
    assert panel.about.endswith(".")
    assert panel.unit in {"cps", "s", "percentunit", "short", "bytes", "bool_yes_no"}
    for query in panel.queries:
        assert query.legend
        assert metrics_in(query.expr) <= measured(), query.expr


def test_every_alert_is_led_to_from_the_panel_that_shows_it_coming() -> None:
    led_to = {alert for panel in PANELS for alert in panel.alerts}

    assert led_to == {alert["alert"] for alert in ALERTS} - {"ExistingServiceCircuitOpen"}  # has no panel


@each_row("board", dashboards.DASHBOARDS, ids=lambda board: board.uid)
def test_what_is_chosen_at_the_top_is_asked_for_and_nothing_else(board: Dashboard) -> None:
    asked = " ".join(query.expr for row in board.rows for panel in row.panels for query in panel.queries)

    chosen = set(re.findall(r"=~\"\$(\w+)\"", asked))
    assert chosen == {choice.name for choice in board.choices}


def test_panels_lie_beside_each_other_and_not_on_each_other() -> None:
    for board in dashboards.DASHBOARDS:
        taken = [
            (x, y)
            for _, at in dashboards.placed(board)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        ]
        assert len(taken) == len(set(taken))
        assert max(x for x, _ in taken) < 24


def test_grafana_finds_the_dashboards_where_they_are_mounted() -> None:
    provisioning = dashboards.DIRECTORY.parent / "provisioning"
    (provider,) = yaml.safe_load((provisioning / "dashboards" / "comptoir.yml").read_text())["providers"]
    (source,) = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text())["datasources"]

    assert provider["options"]["path"] == "/etc/grafana/dashboards"
    assert source["type"] == "prometheus"
