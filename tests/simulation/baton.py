"""Threads of which exactly one runs at a time: the one that holds the baton.

The code under simulation is ordinary blocking code, so each of its processes gets a thread. The baton is
handed on at chosen places only, so a run is as repeatable as its choices are.
"""

import threading
from collections.abc import Callable

import attrs


class Dropped(BaseException):
    """The run is over for this runner; no `except` of the code under simulation may catch it."""


def _closed_gate() -> threading.Lock:
    """A lock used as a gate: `release` opens it once, `acquire` waits for that and closes it again."""
    gate = threading.Lock()
    gate.acquire()
    return gate


@attrs.define(eq=False)
class Runner:
    """One process, as the scheduler sees it."""

    name: str
    wakes_s: float
    """Not before then will it be given the baton."""
    group: str = ""
    """Of its consumer group, if it has one."""
    idle: bool = False
    """It sleeps for want of deliveries, and wakes early should one come."""
    shaken: int = 0
    """For so many calls more, after a fault, another one is likely."""
    over: bool = False
    _go: threading.Lock = attrs.field(factory=_closed_gate, repr=False)


class _Lane:
    """A thread that runs one runner after the other: starting one costs more than many a run."""

    def __init__(self) -> None:
        self._next = _closed_gate()
        self._work: Callable[[], None] = _nothing
        threading.Thread(target=self._run, daemon=True, name="simulated").start()

    def start(self, work: Callable[[], None]) -> None:
        self._work = work
        self._next.release()

    def _run(self) -> None:
        while True:
            self._next.acquire()
            self._work()


def _nothing() -> None:
    """Work before there is any."""


_lanes: list[_Lane] = []


class Relay:
    """Hands the baton to whom `choose` names, until it names nobody or something is raised."""

    def __init__(self, choose: Callable[[], Runner | None]) -> None:
        self._choose = choose
        self._main = _closed_gate()
        self._runners: list[Runner] = []
        self._used: list[_Lane] = []
        self._error: BaseException | None = None
        self._dropping = False
        self.current: Runner | None = None

    @property
    def runners(self) -> list[Runner]:
        """Those that are not over."""
        return self._runners

    def enter(self, runner: Runner, work: Callable[[], None]) -> None:
        """Let `runner` do `work` once it is given the baton."""
        lane = _lanes.pop() if _lanes else _Lane()
        self._used.append(lane)
        self._runners.append(runner)
        lane.start(lambda: self._do(runner, work))

    def run(self) -> None:
        """Run until nobody is chosen; raises what a runner or `choose` raised."""
        try:
            self._hand_on(None)
        finally:
            self._drop_all()
        if self._error is not None:
            raise self._error

    def give_way(self) -> None:
        """Called by the runner with the baton: others may run now."""
        runner = self.current
        assert runner is not None
        self._hand_on(runner)

    def _hand_on(self, giver: Runner | None) -> None:
        chosen = self._chosen()
        if chosen is giver and giver is not None:
            return
        self.current = chosen
        (chosen._go if chosen else self._main).release()
        (giver._go if giver else self._main).acquire()
        if giver and self._dropping:
            raise Dropped

    def _chosen(self) -> Runner | None:
        if self._error is not None or self._dropping:
            return None
        try:
            return self._choose()
        except BaseException as error:  # noqa: BLE001 - raised again where the run was started
            self._error = error
            return None

    def _do(self, runner: Runner, work: Callable[[], None]) -> None:
        runner._go.acquire()
        try:
            if not self._dropping:
                work()
        except Dropped:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again where the run was started
            self._error = self._error or error
        runner.over = True
        self._runners.remove(runner)
        self.current = chosen = self._chosen()
        (chosen._go if chosen else self._main).release()

    def _drop_all(self) -> None:
        self._dropping = True
        for runner in list(self._runners):
            self.current = runner
            runner._go.release()
            self._main.acquire()
        _lanes.extend(self._used)
