"""Calls of one existing service: made once, or again where that is safe, in bounded time."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import quote

import attrs
import httpx
import orjson
import structlog

from adapters.http.existing.answers import Heard, Misconfigured, meaning, trouble
from adapters.http.existing.attempts import Attempts, CallLimits
from adapters.http.existing.breaker import Breaker, CircuitOpen
from adapters.http.existing.key import ApiKey
from adapters.telemetry.service_calls import ServiceFigures
from adapters.telemetry.told_errors import told
from application.events.origin import Origin
from application.ports.existing_services import Call, CallRefused, ExistingService, NotCalled, OutcomeUnknown

_SAFE_IN_HEADERS: Final = "!#$&'()*+,/:;=?@[]{}|~ "
TELLING_S: Final = 1.0
"""Between the end of a call and the moment at which its caller can have told of it."""

Done = TypeVar("Done")


@attrs.frozen
class Request:
    """What is asked of a service. `operation` is for logs and metrics; `path` is within the gateway's URL."""

    operation: str
    method: str
    path: str
    body: Mapping[str, object]
    harmless: bool = False
    """Whether it may be repeated whatever the service knows of keys."""


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
        about = Origin.of(call.traceparent, call.correlation_id).log_fields
        if call.checkout_id:
            about["checkout_id"] = call.checkout_id
        with structlog.contextvars.bound_contextvars(**about):
            return self._call(what, call, done)

    def _call(self, what: Request, call: Call, done: Callable[[Mapping[str, Any]], Done]) -> Done:
        began_s = time.monotonic()
        outcome = "unknown"
        try:
            attempts = Attempts(
                limits=self.limits,
                began_s=began_s,
                repeatable=self.repeatable or what.harmless,
                tell=lambda number, error: self._tell(what, call, number, error),
            )
            found = attempts.until_over(lambda: self._attempt(what, call, done))
            outcome = "done"
            return found
        except (CallRefused, NotCalled, OutcomeUnknown) as error:
            outcome = _outcome(error)
            if isinstance(error, Misconfigured):
                structlog.get_logger(__name__).error(
                    "the gateway or the service turns us away: a setting is wrong, not this call",
                    service=self.name,
                    operation=what.operation,
                    error=told(error),
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

    def _tell(self, what: Request, call: Call, number: int, error: Exception | None) -> None:
        self.figures.repeated(self.name, what.operation)
        structlog.get_logger(__name__).warning(
            "call made again",
            service=self.name,
            operation=what.operation,
            attempt=number,
            call=call.key,
            error=told(error) if error else None,
        )

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


@attrs.frozen
class HttpService(ExistingService):
    """What is the same for each service that is called."""

    service: ServiceClient

    @property
    def repeatable(self) -> bool:  # type: ignore[override]  # read only
        """As it was told."""
        return self.service.repeatable

    @property
    def longest_s(self) -> float:  # type: ignore[override]  # read only
        """The limit of a whole call, and a moment to tell of it."""
        return self.service.limits.call_max_ms / 1000 + TELLING_S

    def ready(self) -> None:
        """Whether the circuit is closed, or it is time to try."""
        self.service.breaker.ready()


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
