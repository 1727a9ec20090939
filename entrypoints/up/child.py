"""One program kept running as a process of its own."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Literal

import attrs

from entrypoints.up import tether
from entrypoints.up.log_file import LogFile
from entrypoints.up.news import News

Readiness = Literal["away", "busy", "ready"]
"""What a program answers: nothing, that it must load its data first, or that it is there."""

_TETHER: Final = str(Path(tether.__file__).resolve())


@attrs.frozen(kw_only=True)
class Program:
    """What to run, how to know that it answers, and what to show of it."""

    name: str
    argv: tuple[str, ...]
    readiness: Callable[[], Readiness]
    environment: Mapping[str, str] = attrs.field(factory=dict)
    kept_fds: tuple[int, ...] = ()
    shown_at: str = ""


@attrs.frozen(kw_only=True)
class RestartPause:
    """How long to wait before a program that died is started again: doubled with each death in a row."""

    first_s: float = 0.5
    longest_s: float = 30.0
    steady_after_s: float = 60.0

    def after(self, deaths: int) -> float:
        """The pause, in seconds, after so many deaths in a row."""
        return min(self.longest_s, self.first_s * 2.0 ** min(deaths - 1, 30))


class Child:
    """A program, started, watched, started again after a growing pause when it dies, and stopped.

    It gets a session of its own, so that a Ctrl-C reaches its supervisor only, who stops in order; and what
    it leaves behind in that session is ended with it. Start it from the main thread: the kernel takes the
    end of the thread that started it for the end of its parent.
    """

    def __init__(self, program: Program, log: LogFile, pause: RestartPause | None = None) -> None:
        self.program: Final = program
        self.log: Final = log
        self.deaths_in_a_row = 0
        self._pause: Final = pause or RestartPause()
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at_s = 0.0
        self._start_again_at_s: float | None = None

    @property
    def name(self) -> str:
        """The name of its program."""
        return self.program.name

    @property
    def pid(self) -> int | None:
        """Its process id; None while it does not run."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the program; what it writes goes to its log."""
        with self.log.open() as output:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", _TETHER, str(os.getpid()), *self.program.argv],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **self.program.environment},
                pass_fds=self.program.kept_fds,
                start_new_session=True,
                umask=0o077,
            )
        self._started_at_s = time.monotonic()
        self._start_again_at_s = None

    def tend(self) -> News | None:
        """See that the program runs and its log is bounded. Gives what there is to tell, if anything."""
        self.log.bound()
        if self._start_again_at_s is not None:
            if time.monotonic() < self._start_again_at_s:
                return None
            try:
                self.start()
            except OSError as error:  # no process or no file to be had now, which may pass
                return self._rest(f"not started: {error.strerror}", None)
            text = f"{self.name} started again, pid {self.pid}"
            return News(text, "process started again", self.name, "info", {"pid": self.pid})
        pid, end = self.pid, self.ended()
        return None if end is None else self._rest(end, pid)

    def ended(self) -> str | None:
        """How the program ended, if it did since it was last started."""
        if self._process is None or os.waitid(os.P_PID, self._process.pid, _ENDED_UNREAPED) is None:
            return None
        # Only while the dead leader is unreaped does its number surely still mean its own session.
        self._signal_session(signal.SIGKILL)
        code = self._process.wait()
        self._process = None
        return f"exit code {code}" if code >= 0 else signal.Signals(-code).name

    def ask_to_stop(self) -> None:
        """Ask the program to finish what it is doing and end; it is not started again."""
        self._start_again_at_s = None
        if self._process:
            os.kill(self._process.pid, signal.SIGTERM)

    def kill(self) -> None:
        """End the program, and what it started, at once."""
        self._start_again_at_s = None
        if self._process:
            self._signal_session(signal.SIGKILL)

    def _rest(self, reason: str, pid: int | None) -> News:
        if time.monotonic() - self._started_at_s >= self._pause.steady_after_s:
            self.deaths_in_a_row = 0
        self.deaths_in_a_row += 1
        pause_s = self._pause.after(self.deaths_in_a_row)
        self._start_again_at_s = time.monotonic() + pause_s
        text = f"{self.name} stopped ({reason}); starts again in {pause_s:g} s; its log is {self.log.path}"
        more = {"pid": pid, "reason": reason, "starts_again_s": pause_s, "log": str(self.log.path)}
        return News(text, "process died", self.name, more=more)

    def _signal_session(self, number: signal.Signals) -> None:
        assert self._process is not None
        # Where only the dead leader is left, one system finds nobody and another forbids it.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


_ENDED_UNREAPED: Final = os.WEXITED | os.WNOHANG | os.WNOWAIT
