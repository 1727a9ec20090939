"""`comptoir sandbox` as a process that can be stopped and started again, with its books in a file."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs

from entrypoints.settings import setting_rows
from entrypoints.up.ports import free_port
from tests.sandbox import API_KEY
from tests.waiting import eventually

COMPTOIR: Final = (sys.executable, "-m", "entrypoints.cli")
SETTING_NAMES: Final = {row.name for row in setting_rows()}
START_S: Final = 60.0
STOP_S: Final = 20.0


@attrs.define
class SandboxProcess:
    """In `directory`; with more `options` than those that it needs."""

    directory: Path
    stock: Mapping[str, int]
    options: tuple[str, ...] = ()
    port: int = attrs.field(factory=free_port)
    _process: "subprocess.Popen[bytes] | None" = attrs.field(init=False, default=None)

    @property
    def url(self) -> str:
        """Where it is, whether or not it runs."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        stocked = [part for id_, units in self.stock.items() for part in ("--stock", f"{id_}={units}")]
        kept = str(self.directory / "books.ndjson")
        program = [*COMPTOIR, "sandbox", "--port", str(self.port), "--file", kept, *stocked, *self.options]
        told = {name: value for name, value in os.environ.items() if name not in SETTING_NAMES}
        screen = self.directory / "sandbox.txt"
        with screen.open("wb") as out:
            self._process = subprocess.Popen(
                program, env=told | {"API_KEY": API_KEY}, stdout=out, stderr=subprocess.STDOUT
            )
        eventually(lambda: "Ctrl-C" in screen.read_text(), START_S)

    def stop(self) -> None:
        """Stop it, if it runs. What it knows is in its file."""
        if self._process:
            self._process.terminate()
            assert self._process.wait(STOP_S) == 0
            self._process = None

    def kill(self) -> None:
        """End it without a warning."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None
