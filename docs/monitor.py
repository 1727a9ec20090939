"""A Prometheus on this machine, with our rules, that reads the instance of DATA_DIR: `make monitor`."""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import yaml

from entrypoints.settings import Settings
from entrypoints.up.run_file import RunningInstance, running_instance

DEPLOYED: Final = Path(__file__).parent.parent / "deploy" / "prometheus"
PORT: Final = "9090"
EVERY: Final = "2s"

Target = Mapping[str, Any]
"""Addresses, and their labels, as Prometheus has them."""


def configuration(targets: Mapping[str, Sequence[Target]], key_file: Path, every: str) -> dict[str, Any]:
    """What deploy/prometheus has, for these targets alone: job -> targets, read `every` so often."""
    told: dict[str, Any] = yaml.safe_load((DEPLOYED / "prometheus.yml").read_text())
    told["global"] |= {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every}
    told["scrape_configs"] = [job for job in told["scrape_configs"] if job["job_name"] in targets]
    for job in told["scrape_configs"]:
        job["static_configs"] = targets[job["job_name"]]
        if "authorization" in job:
            job["authorization"]["credentials_file"] = str(key_file)
    return told


def command(program: str, config: Path, data: Path, port: int | str) -> list[str]:
    """What runs it, for this machine alone."""
    return [
        program,
        f"--config.file={config}",
        f"--storage.tsdb.path={data}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]


def main(port: str = PORT) -> None:
    """Become a Prometheus; it keeps what it has read in DATA_DIR/prometheus."""
    settings = Settings.from_environment(os.environ)
    instance, program = running_instance(settings.data_dir), shutil.which("prometheus")
    if instance is None:
        sys.exit(f"nothing runs on DATA_DIR {settings.data_dir}: make run, in another terminal")
    if program is None:
        sys.exit("there is no prometheus: on Debian, apt-get install prometheus")
    directory = settings.data_dir.absolute() / "prometheus"
    directory.mkdir(exist_ok=True)
    config = directory / "prometheus.yml"
    config.write_text(yaml.safe_dump(local(instance, settings.metrics_host, directory)))
    print(f"alerts: http://127.0.0.1:{port}/alerts, questions: http://127.0.0.1:{port}/graph", flush=True)  # noqa: T201 - for people
    os.execv(program, command(program, config, directory / "data", port))  # noqa: S606 - the one found above


def local(instance: RunningInstance, host: str, directory: Path) -> dict[str, Any]:
    """What to read of an instance of `comptoir up`, whose workers show their figures on `host`."""
    key_file = Path(os.environ.get("METRICS_KEY_FILE") or directory / "no-key").absolute()
    if "METRICS_KEY_FILE" not in os.environ:
        key_file.write_text("a key that nobody asks for")
    ports = instance.metrics_ports.items()
    targets = {
        "comptoir-api": [_target(urlsplit(instance.url).netloc, "api")],
        "comptoir-workers": [_target(f"{host}:{port}", worker) for worker, port in ports],
    }
    told = configuration(targets, key_file, EVERY)
    told["rule_files"] = [str(DEPLOYED / "rules" / "*.yml")]
    told["global"]["external_labels"]["runbooks"] = str(Path(__file__).parent / "runbooks")
    return told


def _target(address: str, name: str) -> Target:
    return {"targets": [address], "labels": {"instance": name}}


if __name__ == "__main__":
    main(*sys.argv[1:2])
