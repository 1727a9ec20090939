"""How many requests are worked on at once, and what becomes of the others (docs/adr/0015)."""

import functools
from collections import deque
from collections.abc import Callable, Iterable
from threading import Event, Lock
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import attrs
from flask import Response

from adapters.http import links
from adapters.http.limits import HttpLimits
from adapters.http.problem_kinds import OVERLOADED
from adapters.http.problems import problem

PROBES_AT_ONCE: Final = 4
"""Questions after our health that are worked on at once: they ask the store, which may take its time."""

REFUSALS_KEPT: Final = 16
"""Answers to those turned away that are kept ready, one for each prefix that a gateway cuts off."""


class Gate:
    """Lets `at_once` in, has `queue_max` more wait for up to `wait_s`, first come first served, and
    turns the rest away. Its figures may be read at any time; `on_refused` is called for each of those."""

    def __init__(self, at_once: int, queue_max: int = 0, wait_s: float = 0.0) -> None:
        self.at_once: Final = at_once
        self.inside = 0
        self.refused = 0
        self.on_refused: Callable[[], None] | None = None
        self._queue_max: Final = queue_max
        self._wait_s: Final = wait_s
        self._queue: Final[deque[Event]] = deque()
        self._lock: Final = Lock()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._queue)

    def enter(self) -> bool:
        """Whether one more may come in; once it is done, `leave` must follow."""
        with self._lock:
            if self.inside < self.at_once:
                self.inside += 1
                return True
            if len(self._queue) >= self._queue_max:
                self._refuse()
                return False
            turn = Event()
            self._queue.append(turn)
        return turn.wait(self._wait_s) or not self._give_up(turn)

    def leave(self) -> None:
        """Give the place to the next in the queue, if there is one."""
        with self._lock:
            if self._queue:
                self._queue.popleft().set()
            else:
                self.inside -= 1

    def _give_up(self, turn: Event) -> bool:
        """Stop waiting; not where the turn has come in this very moment."""
        with self._lock:
            if turn.is_set():
                return False
            self._queue.remove(turn)
            self._refuse()
            return True

    def _refuse(self) -> None:
        self.refused += 1
        if self.on_refused:
            self.on_refused()


class Place:
    """Where a request is inside a gate. It may leave before it is answered, to wait without being in the
    way of others; it does not come back."""

    KEY: Final = "comptoir.place"

    def __init__(self, gate: Gate) -> None:
        self._gate: Gate | None = gate

    def leave(self) -> None:
        """Give the place back; once is enough."""
        gate, self._gate = self._gate, None
        if gate is not None:
            gate.leave()


@attrs.frozen(kw_only=True)
class Gates:
    """The gate of the work, and the one of the probes, which the work cannot close. Those who wait for what
    is yet to come, and those who follow it, have left the work and are counted apart."""

    work: Gate
    probes: Gate
    waiters: Gate
    followers: Gate

    @classmethod
    def of(cls, limits: HttpLimits) -> "Gates":
        """As `limits` says."""
        return cls(
            work=Gate(limits.at_once_max, limits.queue_max, limits.queue_wait_ms / 1000),
            probes=Gate(PROBES_AT_ONCE),
            waiters=Gate(limits.waiters_max),
            followers=Gate(limits.followers_max),
        )


class Admission:
    """A WSGI application behind its gates. /livez has none: it costs nothing, and must always be answered.

    A request that is turned away has not been looked at, nor its body read: nothing of it was done.
    """

    def __init__(self, application: WSGIApplication, gates: Gates, limits: HttpLimits) -> None:
        self._application: Final = application
        self._work: Final = gates.work
        self._others: Final = {"/livez": None, "/readyz": gates.probes, "/metrics": gates.probes}
        self._retry_after_s: Final = limits.retry_after_s
        self._refusals: Final = functools.lru_cache(REFUSALS_KEPT)(self._refusal)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        gate = self._others.get(environ["PATH_INFO"].rstrip("/"), self._work)
        if gate is None:
            return self._application(environ, start_response)
        if not gate.enter():
            return self._refusals(links.PREFIX.get())(environ, start_response)
        place = environ[Place.KEY] = Place(gate)
        try:
            return self._application(environ, start_response)
        finally:
            place.leave()  # answers are whole, or streams that have a gate of their own

    def _refusal(self, prefix: str) -> Response:
        """What those get who asked under `prefix`: made once, for it has to cost little."""
        return problem(
            OVERLOADED,
            "nothing was done; it is safe to repeat the request later",
            headers={"Retry-After": str(self._retry_after_s)},
        )
