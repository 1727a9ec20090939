"""Prometheus's own tool on the files of deploy/prometheus."""

import subprocess
from pathlib import Path

import yaml

from docs.monitor import DEPLOYED, local
from entrypoints.up.run_file import RunningInstance
from tests.prometheus import RULES, program


def promtool(*arguments: str | Path) -> None:
    done = subprocess.run(
        [program("promtool"), *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_takes_the_configuration_and_the_rules() -> None:
    promtool("check", "config", "--syntax-only", DEPLOYED / "prometheus.yml")
    promtool("check", "rules", *RULES.glob("*.yml"))


def test_alerts_fire_and_clear_as_their_tests_say() -> None:
    promtool("test", "rules", *sorted((DEPLOYED / "tests").glob("*.yml")))


def test_make_monitor_reads_every_process_of_an_instance_by_its_name(tmp_path: Path) -> None:
    instance = RunningInstance(
        pid=1, url="http://127.0.0.1:8000", redis_url="", metrics_ports={"audit": 9101}
    )

    told = local(instance, "127.0.0.1", tmp_path)

    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(told))
    promtool("check", "config", tmp_path / "prometheus.yml")
    found = {
        target["labels"]["instance"]: target["targets"]
        for job in told["scrape_configs"]
        for target in job["static_configs"]
    }
    assert found == {"api": ["127.0.0.1:8000"], "audit": ["127.0.0.1:9101"]}
