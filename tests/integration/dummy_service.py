"""`comptoir up` with dummies in place of the API and the workers, and shorter pauses.

DUMMY_STUBBORN and DUMMY_BROKEN name the dummy that is so.
"""

import os
import sys
from pathlib import Path

from entrypoints.settings import Settings
from entrypoints.up.child import Program, Readiness, RestartPause
from entrypoints.up.fleet import Programs
from entrypoints.up.ports import Ports
from entrypoints.up.supervisor import run_everything

WORKERS = ("audit", "deadline")
STORY = "story.txt"


def dummy_programs(settings: Settings, ports: Ports) -> Programs:
    return Programs(
        api=_dummy("api", settings, ports.api),
        workers=tuple(_dummy(name, settings, ports.workers[name]) for name in WORKERS),
    )


def _dummy(name: str, settings: Settings, port: int) -> Program:
    story = settings.data_dir / STORY
    characters = {os.environ.get("DUMMY_STUBBORN"): "stubborn", os.environ.get("DUMMY_BROKEN"): "broken"}
    script = str(Path(__file__).with_name("dummy_child.py"))

    def readiness() -> Readiness:
        return "ready" if story.exists() and f"{name} started" in story.read_text() else "away"

    return Program(
        name=name,
        argv=(sys.executable, "-S", script, str(story), name, str(port), characters.get(name, "")),
        readiness=readiness,
        shown_at=f"port {port}",
    )


if __name__ == "__main__":
    sys.exit(
        run_everything(
            Settings.from_environment(os.environ),
            programs_for=dummy_programs,
            pause=RestartPause(first_s=0.05, longest_s=0.2),
        )
    )
