"""Starts the children in order, keeps them running, and stops them in order."""

import sys
import time
from collections.abc import Sequence
from typing import Final

import attrs

from entrypoints.start_refused import StartRefused
from entrypoints.stop_signals import StopSignals
from entrypoints.up.child import Child
from entrypoints.up.fleet import Fleet
from entrypoints.up.news import News
from entrypoints.up.screen import Screen

DEATHS_AT_START_MAX: Final = 3
GRACE_MARGIN_S: Final = 1.0
"""What a child has beyond SHUTDOWN_GRACE_S, which it counts itself from a moment later."""
KILLED_TIMEOUT_S: Final = 5.0
PROBE_EVERY_S: Final = 0.05
TEND_EVERY_S: Final = 0.5


@attrs.frozen(kw_only=True)
class Patience:
    """With what is started until it answers (`loading_s` while it says that it is busy), and with what is
    stopped."""

    start_s: float
    loading_s: float
    grace_s: float


class Shepherd:
    """Knows the order of things, and neither which programs these are nor what a port is."""

    def __init__(self, fleet: Fleet, signals: StopSignals, screen: Screen, patience: Patience) -> None:
        self._fleet: Final = fleet
        self._signals: Final = signals
        self._screen: Final = screen
        self._patience: Final = patience

    def start(self) -> bool:
        """Start everything. False when asked to stop meanwhile.

        Raises:
            StartRefused: something does not answer, or keeps dying.
        """
        with self._screen.starting():
            return all(self._start_together(children) for children in self._fleet.start_order)

    def watch(self) -> None:
        """Start again what dies, until asked to stop."""
        while not self._signals.count:
            self._tend()
            self._signals.pause(TEND_EVERY_S)

    def stop(self) -> None:
        """Stop everything: API, workers, server. A second signal ends the first two, a third the server."""
        grace_s = self._patience.grace_s + GRACE_MARGIN_S
        for children in self._fleet.stop_order:
            impatient_at = 3 if self._fleet.server in children else 2
            for child in children:
                child.ask_to_stop()
            if not self._ended_within(children, grace_s, impatient_at):
                for child in children:
                    if child.pid:
                        text = f"{child.name} did not stop in time and is killed"
                        self._screen.note(News(text, "process killed", child.name, more={"pid": child.pid}))
                    child.kill()
                self._ended_within(children, KILLED_TIMEOUT_S, impatient_at=sys.maxsize)

    def _start_together(self, children: Sequence[Child]) -> bool:
        began_s, patience = time.monotonic(), self._patience
        deadline_s, latest_s = began_s + patience.start_s, began_s + patience.loading_s
        for child in children:
            _start(child)
        waiting = list(children)
        while waiting and not self._signals.count:
            self._tend()
            for child in tuple(waiting):
                match child.program.readiness():
                    case "ready" if child.pid:
                        waiting.remove(child)
                        self._screen.ready(child, time.monotonic() - began_s)
                    case "busy":
                        deadline_s = min(latest_s, time.monotonic() + patience.start_s)
            _refuse_what_fails(waiting, out_of_time=time.monotonic() > deadline_s)
            if waiting:
                self._signals.pause(PROBE_EVERY_S)
        return not waiting

    def _tend(self) -> None:
        for child in self._fleet.children:
            if news := child.tend():
                self._screen.note(news)

    def _ended_within(self, children: Sequence[Child], patience_s: float, impatient_at: int) -> bool:
        deadline_s = time.monotonic() + patience_s
        while running := [child for child in children if child.pid and child.ended() is None]:
            if time.monotonic() > deadline_s or self._signals.count >= impatient_at:
                return False
            self._signals.pause(min(PROBE_EVERY_S * len(running), 0.2))
        return True


def _start(child: Child) -> None:
    try:
        child.start()
    except OSError as error:
        raise StartRefused(f"{child.name} cannot be started: {error.strerror} ({error.filename})") from None


def _refuse_what_fails(waiting: Sequence[Child], *, out_of_time: bool) -> None:
    for child in waiting:
        if child.deaths_in_a_row >= DEATHS_AT_START_MAX:
            raise StartRefused(f"{child.name} ends as soon as it is started; its log is {child.log.path}")
        if out_of_time:
            raise StartRefused(f"{child.name} does not answer; its log is {child.log.path}")
