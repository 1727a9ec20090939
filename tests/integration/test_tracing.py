"""TRACES=on where OpenTelemetry is not installed."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]


@pytest.mark.parametrize("arguments", [["worker", "audit"], ["api"], ["event-store"]])
def test_a_process_without_the_extra_says_what_to_install(arguments: list[str]) -> None:
    program = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        f"from entrypoints.process import run; sys.exit(run({arguments!r}))"
    )
    told = {"TRACES": "on", "REDIS_URL": "redis://127.0.0.1:1", "METRICS_PORT": "0"}
    ended = subprocess.run(
        [sys.executable, "-c", program], check=False, cwd=ROOT, env=told, capture_output=True, text=True
    )

    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert line.endswith("TRACES=on needs OpenTelemetry: install comptoir[traces], or set TRACES=off")
