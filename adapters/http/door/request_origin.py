"""Which request this is: `X-Correlation-ID` and `traceparent`, read, given back, and put in the log.

Only what the caller gave is carried on into events. A correlation id that is made here is for the answer
and the log alone (docs/adr/0019).
"""

from collections.abc import Iterable
from os import urandom
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Response, request

from adapters.http.problems import invalid_value
from adapters.telemetry.logging import IN_REQUEST
from application.events.origin import CORRELATION_ID_RULE, NO_ORIGIN, Origin, is_correlation_id
from domain.errors import InvalidValue

CORRELATION_ID: Final = "X-Correlation-ID"
TRACEPARENT: Final = "traceparent"
MADE_ID_BYTES: Final = 16
_ORIGIN: Final = "comptoir.origin"


class OriginKept:
    """A WSGI application whose every answer, refusals too, names its request.

    An `X-Correlation-ID` that breaks its rule is refused, as it would go into logs and streams; an
    invalid `traceparent` is ignored, as the standard says. `tracestate` is not looked at.
    """

    def __init__(self, application: WSGIApplication) -> None:
        self._application: Final = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        given = environ.get("HTTP_X_CORRELATION_ID")
        accepted = given is None or is_correlation_id(given) is not None
        origin = Origin.of(environ.get("HTTP_TRACEPARENT"), given)
        environ[_ORIGIN] = origin
        named = [(CORRELATION_ID, origin.correlation_id or urandom(MADE_ID_BYTES).hex())]
        if origin.traceparent:
            named.append((TRACEPARENT, origin.traceparent))

        def start(status: str, headers: list[tuple[str, str]], *error: object) -> object:
            return start_response(status, [*headers, *named], *error)  # type: ignore[arg-type]  # as it came

        before = IN_REQUEST.set((named[0][1], origin))
        try:
            return (self._application if accepted else _refusal())(environ, start)  # type: ignore[arg-type]
        finally:
            IN_REQUEST.reset(before)


def _refusal() -> Response:
    return invalid_value(InvalidValue(CORRELATION_ID, CORRELATION_ID_RULE))


def request_origin() -> Origin:
    """What the caller said of where this request comes from."""
    found = request.environ.get(_ORIGIN, NO_ORIGIN)
    assert isinstance(found, Origin), found
    return found
