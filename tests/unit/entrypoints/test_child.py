import os
from pathlib import Path

from entrypoints.up.child import RestartPause
from entrypoints.up.log_file import LogFile
from entrypoints.up.run_file import RunningInstance, remove_run_file, running_instance, write_run_file

GONE_PID = 2**22 + 1  # above the highest process id of Linux


def test_each_death_in_a_row_doubles_the_pause_up_to_its_limit() -> None:
    pause = RestartPause(first_s=0.5, longest_s=30.0)

    assert [pause.after(deaths) for deaths in (1, 2, 3, 6, 7, 8, 10_000)] == [0.5, 1, 2, 16, 30, 30, 30]


def test_a_log_is_put_aside_once_it_is_too_long(tmp_path: Path) -> None:
    log = LogFile(path=tmp_path / "logs" / "api.log", size_max_bytes=10)
    with log.open() as writer:
        writer.write(b"0123456789")
        writer.flush()
        log.bound()
        assert log.path.stat().st_size == 10

        writer.write(b"!")
        writer.flush()
        log.bound()
        writer.write(b"next")

    assert log.path.read_bytes() == b"next"
    assert log.path.with_name("api.log.1").read_bytes() == b"0123456789!"


def test_a_running_instance_is_found_through_its_note(tmp_path: Path) -> None:
    instance = RunningInstance(
        pid=os.getpid(),
        url="http://127.0.0.1:8000",
        redis_url="redis://127.0.0.1:1/0",
        metrics_ports={"audit": 9101},
    )
    assert running_instance(tmp_path) is None

    write_run_file(tmp_path, instance)
    assert running_instance(tmp_path) == instance

    remove_run_file(tmp_path)
    assert running_instance(tmp_path) is None


def test_a_note_left_by_an_instance_that_is_gone_names_nobody(tmp_path: Path) -> None:
    write_run_file(tmp_path, RunningInstance(pid=GONE_PID, url="http://127.0.0.1:8000", redis_url=""))

    assert running_instance(tmp_path) is None
