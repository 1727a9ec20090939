import subprocess
import sys

from entrypoints.exit_codes import ExitCode


def test_a_process_that_hangs_ends_and_says_what_it_was_doing() -> None:
    program = """
import threading, entrypoints.watchdog as w
w.CHECK_EVERY_S = 0.01
def hang():
    threading.Event().wait(30)
w.guard(w.Watchdog(0.05), threading.Event())
hang()
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )

    assert ended.returncode == ExitCode.BUG
    assert "in hang" in ended.stderr
    assert "too long" in ended.stdout + ended.stderr
