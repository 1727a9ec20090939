"""What a supervisor tells programs."""

from pathlib import Path

import pytest

from entrypoints.up.child import Child, Program, RestartPause
from entrypoints.up.log_file import LogFile
from entrypoints.up.screen_log import ScreenLog
from tests.logged import logged
from tests.waiting import eventually


@pytest.fixture
def child(tmp_path: Path) -> Child:
    program = Program(name="audit", argv=("false",), readiness=lambda: "ready")
    log = LogFile(path=tmp_path / "audit.log", size_max_bytes=1_000)
    return Child(program, log, RestartPause(first_s=0.0))


def test_a_process_that_dies_and_is_started_again_is_a_line_each(child: Child, tmp_path: Path) -> None:
    with logged(process="supervisor") as lines:
        screen = ScreenLog()
        child.start()
        died = eventually(child.tend)
        screen.note(died)
        again = eventually(child.tend)
        screen.note(again)
        screen.doubt("BLOCK_MS is 9, not below SHUTDOWN_GRACE_S")
        screen.stopping()
        eventually(child.ended)

    first, second, doubted, stopping = lines()
    assert (first["process"], first["event"], first["level"]) == ("audit", "process died", "warning")
    assert (first["reason"], first["starts_again_s"]) == ("exit code 1", 0.0)
    assert first["log"] == str(tmp_path / "audit.log")
    assert (second["process"], second["event"], second["level"]) == ("audit", "process started again", "info")
    assert second["pid"] != first["pid"]
    assert (doubted["process"], doubted["event"]) == ("supervisor", "settings doubted")
    assert doubted["warning"].startswith("BLOCK_MS is 9")
    assert (stopping["process"], stopping["event"]) == ("supervisor", "stopping")
