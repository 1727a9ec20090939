"""A circuit breaker: who has failed again and again is left alone for a while, and then asked once."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pybreaker
import structlog

from adapters.http.existing.answers import ComeBack
from adapters.telemetry.service_calls import ServiceFigures
from application.ports.existing_services import CallRefused, NotCalled


class CircuitOpen(NotCalled):
    """The service is being left alone."""


class Breaker:
    """Of one service; safe to use from many threads.

    `failures_max` failures in a row open it for `open_s` seconds. Who refuses, works: that is no failure.
    """

    def __init__(
        self,
        service: str,
        figures: ServiceFigures,
        *,
        failures_max: int,
        open_s: float,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._probing: Final = threading.Lock()
        self._open_s: Final = open_s
        self._storage: Final = _Storage(monotonic_s)
        self._circuit: Final = pybreaker.CircuitBreaker(
            fail_max=failures_max,
            reset_timeout=open_s,
            exclude=[_is_no_failure],
            state_storage=self._storage,
            listeners=[_Listener(service, figures)],
            name=service,
            throw_new_error_on_trip=False,
        )
        self._service: Final = service
        figures.circuit(service, self._circuit.current_state)

    def ready(self) -> None:
        """Whether a call may be made; nothing is changed by asking.

        Raises:
            CircuitOpen: not now.
        """
        if self._circuit.current_state == pybreaker.STATE_CLOSED:
            return
        if self._probing.locked() or self._storage.open_for_s < self._open_s:
            raise CircuitOpen(f"{self._service} has failed again and again: left alone for now")

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Meanwhile the call is made; what it raises is counted.

        Raises:
            CircuitOpen: it must not be made now.
        """
        with ExitStack() as held:
            if self._circuit.current_state != pybreaker.STATE_CLOSED:
                # The library lets everybody try in the half-open state, and holds its lock throughout `call`.
                if not self._probing.acquire(blocking=False):
                    raise CircuitOpen(f"{self._service} is being tried by another call")
                held.callback(self._probing.release)
            try:
                held.enter_context(self._circuit.calling())
            except pybreaker.CircuitBreakerError:
                raise CircuitOpen(f"{self._service} has failed again and again: left alone for now") from None
            yield


class _Storage(pybreaker.CircuitMemoryStorage):
    """The library goes by the time of day, which may be set back; here the time that has passed counts."""

    def __init__(self, monotonic_s: Callable[[], float]) -> None:
        super().__init__(pybreaker.STATE_CLOSED)
        self._monotonic_s: Final = monotonic_s
        self._opened_s = monotonic_s()

    @property
    def open_for_s(self) -> float:
        return self._monotonic_s() - self._opened_s

    @property
    def opened_at(self) -> datetime:
        return datetime.now(UTC) - timedelta(seconds=self.open_for_s)

    @opened_at.setter
    def opened_at(self, _: datetime) -> None:
        self._opened_s = self._monotonic_s()


class _Listener(pybreaker.CircuitBreakerListener):
    def __init__(self, service: str, figures: ServiceFigures) -> None:
        self._service: Final = service
        self._figures: Final = figures

    def state_change(self, cb: Any, old_state: Any, new_state: Any) -> None:
        self._figures.circuit(self._service, new_state.name)
        structlog.get_logger(__name__).warning(
            "circuit", service=self._service, was=old_state.name if old_state else None, now=new_state.name
        )


def _is_no_failure(error: BaseException) -> bool:
    return isinstance(error, CallRefused) or (isinstance(error, ComeBack) and not error.fault)
