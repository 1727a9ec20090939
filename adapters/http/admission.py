"""How many requests are worked on at once, and what becomes of the others (docs/adr/0015)."""

from collections.abc import Iterable
from threading import Condition
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import attrs

from adapters.http.limits import HttpLimits
from adapters.http.problems import problem

PROBES_AT_ONCE: Final = 4
"""Questions after our health that are worked on at once: they ask the store, which may take its time."""


class Gate:
    """Lets `at_once` in, has `queue_max` more wait for up to `wait_s`, first come first served, and
    turns the rest away. Its figures may be read at any time."""

    def __init__(self, at_once: int, queue_max: int = 0, wait_s: float = 0.0) -> None:
        self.at_once: Final = at_once
        self.inside = 0
        self.waiting = 0
        self.refused = 0
        self._queue_max: Final = queue_max
        self._wait_s: Final = wait_s
        self._left: Final = Condition()

    def enter(self) -> bool:
        """Whether one more may come in; once it is done, `leave` must follow."""
        with self._left:
            # What is free may be meant for one who waits and has not woken up yet.
            if self._free > self.waiting or (self.waiting < self._queue_max and self._wait()):
                self.inside += 1
                return True
            self.refused += 1
            return False

    def leave(self) -> None:
        """Make room for the next."""
        with self._left:
            self.inside -= 1
            self._left.notify()

    @property
    def _free(self) -> int:
        return self.at_once - self.inside

    def _wait(self) -> bool:
        self.waiting += 1
        has_turn = self._left.wait_for(lambda: self._free > 0, self._wait_s)
        self.waiting -= 1
        return has_turn


@attrs.frozen(kw_only=True)
class Gates:
    """The gate of the work, and the one of the probes, which the work cannot close."""

    work: Gate
    probes: Gate

    @classmethod
    def of(cls, limits: HttpLimits) -> "Gates":
        """As `limits` says."""
        return cls(
            work=Gate(limits.at_once_max, limits.queue_max, limits.queue_wait_ms / 1000),
            probes=Gate(PROBES_AT_ONCE),
        )


class Admission:
    """A WSGI application behind its gates. /livez has none: it costs nothing, and must always be answered.

    A request that is turned away has not been looked at, nor its body read: nothing of it was done.
    """

    def __init__(self, application: WSGIApplication, gates: Gates, limits: HttpLimits) -> None:
        self._application: Final = application
        self._work: Final = gates.work
        self._others: Final = {"/livez": None, "/readyz": gates.probes, "/metrics": gates.probes}
        self._refusal: Final = problem(
            503,
            "overloaded",
            "Too many requests at once",
            "nothing was done; it is safe to repeat the request later",
            headers={"Retry-After": str(limits.retry_after_s)},
        )

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        gate = self._others.get(environ["PATH_INFO"], self._work)
        if gate is None:
            return self._application(environ, start_response)
        if not gate.enter():
            return self._refusal(environ, start_response)
        try:
            return self._application(environ, start_response)
        finally:
            gate.leave()  # answers are whole: nothing is left to do but to send it
