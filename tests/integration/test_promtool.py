"""Prometheus's own tool on the files of deploy/prometheus."""

import subprocess
from pathlib import Path

from docs.monitor import DEPLOYED
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
