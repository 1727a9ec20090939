"""deploy/compose.yaml as tests read it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parents[2]
DEPLOY: Final = ROOT / "deploy"
COMPOSE: Final = DEPLOY / "compose.yaml"
SCHEMA: Final = Path(__file__).with_name("compose_spec.json")
OURS: Final = "comptoir:"

Service = dict[str, Any]


def make_secrets(directory: Path) -> None:
    """What deploy/make-secrets makes, with the `comptoir` that is tested."""
    told = os.environ | {"COMPTOIR": f"{sys.executable} -m entrypoints.cli"}
    subprocess.run([DEPLOY / "make-secrets", directory], check=True, capture_output=True, env=told, cwd=ROOT)


@cache
def declared() -> dict[str, Any]:
    """The file, with its anchors resolved. For all who ask: to be left as it is."""
    found = yaml.load(COMPOSE.read_text(), yaml.CSafeLoader)
    assert isinstance(found, dict)
    return found


def services() -> dict[str, Service]:
    """By name."""
    found: dict[str, Service] = declared()["services"]
    return found


def ours() -> dict[str, Service]:
    """Those that run our image."""
    return {name: service for name, service in services().items() if service["image"].startswith(OURS)}


def mounted_paths() -> Iterator[Path]:
    """Files and folders of the repository that containers are given."""
    for service in services().values():
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            if source.startswith("./"):
                yield DEPLOY / source
    for config in declared()["configs"].values():
        yield DEPLOY / config["file"]
