"""Calls of one existing service: made once, or again where that is safe, in bounded time."""

import random
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import quote

import attrs
import httpx
import orjson
import stamina
import structlog

from adapters.http.existing_answers import ComeBack, Heard, Misconfigured, NotReached, meaning, trouble
from adapters.http.existing_breaker import Breaker, CircuitOpen
from adapters.http.existing_key import ApiKey
from adapters.http.existing_transport import until
from adapters.telemetry.service_calls import ServiceFigures
from application.ports.existing_services import Call, CallRefused, NotCalled, OutcomeUnknown

stamina.instrumentation.set_on_retry_hooks(())  # we tell it ourselves, with the service's name

_SAFE_IN_HEADERS: Final = "!#$&'()*+,/:;=?@[]{}|~ "
Done = TypeVar("Done")


@attrs.frozen(kw_only=True)
class CallLimits:
    """`call_max_ms` is for a whole call, with all its attempts and the pauses between them."""

    connect_timeout_ms: int = 1_000
    read_timeout_ms: int = 5_000
    call_max_ms: int = 15_000
    attempts_max: int = 3
    retry_base_ms: int = 100
    retry_max_ms: int = 2_000
    answer_max_bytes: int = 65_536


@attrs.frozen
class Request:
    """What is asked of a service. `operation` is for logs and metrics; `path` is within the gateway's URL."""

    operation: str
    method: str
    path: str
    body: Mapping[str, object]


@attrs.frozen(kw_only=True)
class ServiceClient:
    """`name` is for logs and metrics. `http` has the gateway's URL; nothing is redirected."""

    name: str
    http: httpx.Client
    api_key: ApiKey
    breaker: Breaker
    figures: ServiceFigures
    limits: CallLimits
    repeatable: bool

    def call(self, what: Request, call: Call, done: Callable[[Mapping[str, Any]], Done]) -> Done:
        """What `done` reads from the answer that the call is done; it raises NotUnderstood where it cannot.

        Raises:
            CallRefused, NotCalled, OutcomeUnknown: as they say.
        """
        began_s = time.monotonic()
        outcome = "done"
        try:
            attempts = _Attempts(self, what.operation, call, began_s)
            return attempts.until_over(lambda: self._attempt(what, call, done))
        except (CallRefused, NotCalled, OutcomeUnknown) as error:
            outcome = _outcome(error)
            if isinstance(error, Misconfigured):
                structlog.get_logger(__name__).error(
                    "the gateway or the service turns us away: a setting is wrong, not this call",
                    service=self.name,
                    operation=what.operation,
                    said=str(error),
                    call=call.key,
                )
            raise
        finally:
            self.figures.called(self.name, what.operation, outcome, time.monotonic() - began_s)

    def _attempt(self, what: Request, call: Call, done: Callable[[Mapping[str, Any]], Done]) -> Done:
        with self.breaker.calling():
            headers = self._headers(call)
            try:
                heard = self._send(what, headers)
            except httpx.TransportError as error:
                raise trouble(error) from error
            return meaning(heard, done)

    def _headers(self, call: Call) -> dict[str, str]:
        key = self.api_key.now()
        named = {
            "X-API-Key": key or None,
            "Idempotency-Key": call.key,
            "traceparent": call.traceparent,
            "X-Correlation-ID": call.correlation_id,
        }
        return {name: quote(value, safe=_SAFE_IN_HEADERS) for name, value in named.items() if value}

    def _send(self, what: Request, headers: dict[str, str]) -> Heard:
        sent = orjson.dumps(what.body)
        with self.http.stream(what.method, what.path, content=sent, headers=headers) as answer:
            read: bytearray | None = bytearray()
            for chunk in answer.iter_raw():
                assert read is not None
                read += chunk
                if len(read) > self.limits.answer_max_bytes:
                    read = None
                    break
            packed = answer.headers.get("Content-Encoding", "identity") != "identity"
            return Heard(
                status=answer.status_code,
                body=None if read is None or packed else bytes(read),
                retry_after=answer.headers.get("Retry-After"),
            )


class _Attempts:
    """The attempts of one call."""

    def __init__(self, service: ServiceClient, operation: str, call: Call, began_s: float) -> None:
        self._service: Final = service
        self._operation: Final = operation
        self._call: Final = call
        self._deadline_s: Final = began_s + service.limits.call_max_ms / 1000
        self._doubt: OutcomeUnknown | None = None
        self._last: Exception | None = None

    def until_over(self, attempt: Callable[[], Done]) -> Done:
        """Make it, and again where that is safe, worth while, and there is time."""
        limits = self._service.limits
        attempts = stamina.retry_context(
            on=self._again,
            attempts=limits.attempts_max,
            timeout=limits.call_max_ms / 1000,
            wait_initial=limits.retry_base_ms / 1000,
            wait_max=limits.retry_max_ms / 1000,
            wait_jitter=limits.retry_base_ms / 1000,
        )
        try:
            for one in attempts:
                if one.num > 1:
                    self._tell(one.num)
                with one, until(self._deadline_s):
                    return attempt()
        except NotCalled as error:
            if self._doubt:  # the last attempt had no effect; an earlier one may have had
                raise OutcomeUnknown(f"{self._doubt}; when asked again: {error}") from error
            raise
        raise AssertionError("an attempt returns or raises")

    def _again(self, error: Exception) -> bool | float:
        """Whether to make the call once more; a number says after how many seconds."""
        wait_s: bool | float = True
        match error:
            case OutcomeUnknown():
                self._doubt = error
                worth_while = self._service.repeatable
            case ComeBack(after_s=float(after_s)):
                worth_while = True
                wait_s = after_s + random.uniform(0, self._service.limits.retry_base_ms / 1000)  # noqa: S311 - jitter
            case NotReached() | ComeBack():
                worth_while = True
            case _:
                worth_while = False
        self._last = error
        if not worth_while or not self._is_time(wait_s):
            return False
        return wait_s

    def _is_time(self, wait_s: bool | float) -> bool:
        """Whether there is, for the pause and for another attempt."""
        limits = self._service.limits
        pause_s = limits.retry_max_ms / 1000 if wait_s is True else wait_s
        return time.monotonic() + pause_s + limits.connect_timeout_ms / 1000 < self._deadline_s

    def _tell(self, attempt: int) -> None:
        service = self._service
        service.figures.repeated(service.name, self._operation)
        structlog.get_logger(__name__).warning(
            "call made again",
            service=service.name,
            operation=self._operation,
            attempt=attempt,
            call=self._call.key,
            because=str(self._last),
        )


def _outcome(error: Exception) -> str:
    match error:
        case CallRefused():
            return "refused"
        case Misconfigured():
            return "misconfigured"
        case CircuitOpen():
            return "circuit-open"
        case NotCalled():
            return "not-called"
        case _:
            return "unknown"
