"""A Prometheus for a test: the real one, on the files of deploy/prometheus, in a hurry."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import attrs
import httpx
import pytest
import yaml

from docs.monitor import DEPLOYED, command, configuration
from entrypoints.up.ports import free_port
from tests.waiting import eventually

RULES: Final = DEPLOYED / "rules"
HURRY: Final = "2s"
"""Instead of the minutes for which something must be so until an alert fires."""

START_S: Final = 30.0
Sample = tuple[Mapping[str, str], float]


def program(name: str) -> str:
    """Where `name` is. Without it the test is skipped, and where CI is set it fails."""
    found = shutil.which(name)
    if found:
        return found
    missing = f"no {name}: install Debian's package prometheus"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


def rules_in(name: str) -> list[dict[str, Any]]:
    """The rules of one of our files, as they are written."""
    groups = yaml.load((RULES / name).read_text(), yaml.CSafeLoader)["groups"]
    return [rule for group in groups for rule in group["rules"]]


def metrics_in(expr: str) -> set[str]:
    """The names of the series that an expression asks for."""
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]|\b(by|on|group_left|ignoring) ?\([^)]*\)', " ", expr)
    words = re.findall(r"[a-zA-Z_][\w:]*(?![\w:]|\s*\()", bare)
    return set(words) - {"or", "and", "unless", "by"}


@attrs.frozen
class Prometheus:
    """One that runs at `url`."""

    url: str

    def ask(self, path: str, **query: str) -> Any:
        """What its API answers."""
        answer = httpx.get(f"{self.url}/api/v1/{path}", params=query, trust_env=False, timeout=10.0)
        assert answer.status_code == 200, f"{query}: {answer.text}"
        return answer.json()["data"]

    def samples(self, expr: str) -> list[Sample]:
        """What an expression is now: labels and value of each series."""
        found = self.ask("query", query=expr)["result"]
        return [(series["metric"], float(series["value"][1])) for series in found]

    def up(self) -> dict[str, str]:
        """Instance -> its health, of every target."""
        targets = self.ask("targets")["activeTargets"]
        return {target["labels"]["instance"]: target["health"] for target in targets}

    def evaluated(self) -> dict[str, str]:
        """Rule -> how its last evaluation went."""
        groups = self.ask("rules")["groups"]
        return {rule["name"]: rule.get("lastError") or rule["health"] for g in groups for rule in g["rules"]}

    def firing(self) -> dict[str, list[dict[str, Any]]]:
        """Alert -> those of it that fire, with labels and annotations."""
        fire: dict[str, list[dict[str, Any]]] = {}
        for alert in self.ask("alerts")["alerts"]:
            if alert["state"] == "firing":
                fire.setdefault(alert["labels"]["alertname"], []).append(alert)
        return fire


@contextmanager
def prometheus_on(directory: Path, targets: Mapping[str, Sequence[str]]) -> Iterator[Prometheus]:
    """One that reads `targets` (job -> addresses) every second, and nothing else."""
    binary, port = program("prometheus"), free_port()
    config = _hurried(directory, targets)
    with (directory / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command(binary, config, directory / "data", port), stdout=log, stderr=log)
    try:
        running = Prometheus(f"http://127.0.0.1:{port}")
        eventually(lambda: _is_ready(running, process), START_S)
        yield running
    finally:
        process.terminate()
        process.wait(START_S)


def _is_ready(prometheus: Prometheus, process: "subprocess.Popen[bytes]") -> bool:
    assert process.poll() is None, "it has ended"
    try:
        return httpx.get(f"{prometheus.url}/-/ready", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _hurried(directory: Path, targets: Mapping[str, Sequence[str]]) -> Path:
    """Our own configuration and rules: the same questions, asked more often."""
    addresses = {job: [{"targets": list(named)}] for job, named in targets.items()}
    config = configuration(addresses, directory / "key", "1s")
    (directory / "key").write_text("a key that nobody asks for")
    (directory / "rules").mkdir()
    for path in RULES.glob("*.yml"):
        rules = yaml.safe_load(path.read_text())
        for group in rules["groups"]:
            for rule in group["rules"]:
                if "for" in rule:
                    rule["for"] = HURRY
        (directory / "rules" / path.name).write_text(yaml.safe_dump(rules))
    (directory / "prometheus.yml").write_text(yaml.safe_dump(config))
    return directory / "prometheus.yml"
