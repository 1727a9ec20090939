"""A note in the data directory of where the running instance answers, for commands in other terminals."""

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs

FILE_NAME: Final = "running.json"


@attrs.frozen(kw_only=True)
class RunningInstance:
    """Where a running instance answers. `redis_url` is empty unless its server is the embedded one;
    `metrics_ports` is by worker."""

    pid: int
    url: str
    redis_url: str
    metrics_ports: Mapping[str, int] = attrs.Factory(dict)


def write_run_file(data_dir: Path, instance: RunningInstance) -> None:
    """Leave the note, for its owner only, whole or not at all."""
    draft = data_dir / f"{FILE_NAME}.draft"
    with open(draft, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        json.dump(attrs.asdict(instance), file)
    draft.replace(data_dir / FILE_NAME)


def remove_run_file(data_dir: Path) -> None:
    """Take the note away."""
    (data_dir / FILE_NAME).unlink(missing_ok=True)


def running_instance(data_dir: Path) -> RunningInstance | None:
    """The instance that runs on `data_dir`; None where none does."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        instance = RunningInstance(**json.loads((data_dir / FILE_NAME).read_text()))
        return instance if _is_alive(instance.pid) else None
    return None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
