"""A log line for each request: what was asked and answered, by whom, and how long it took.

Neither the path as it was typed nor a query, a header or a body is in it: they may hold anything.
"""

import time
from collections.abc import Iterable
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog
from werkzeug.wsgi import ClosingIterator

from adapters.http.door.caller import KEY_ID
from adapters.http.door.noted import checkout_noted
from adapters.http.door.proxies import CONSUMER
from adapters.http.requests_counted import ROUTE
from adapters.telemetry.logging import request_fields

METHOD_CHARS_MAX: Final = 16


class RequestLog:
    """A WSGI application whose requests are told: an answer when it is whole, a stream when it has ended."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application: Final = application
        self._log: Final = structlog.get_logger("request")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        begun_s = time.perf_counter()
        status = 500

        def start(said: str, headers: list[tuple[str, str]], *error: object) -> object:
            nonlocal status
            status = int(said[:3])
            return start_response(said, headers, *error)  # type: ignore[arg-type]  # as it came

        def tell(**more: object) -> None:
            taken_ms = (time.perf_counter() - begun_s) * 1000
            self._log.info(
                "request", **_about(environ), status=status, duration_ms=round(taken_ms, 3), **more
            )

        try:
            body = self._application(environ, start)  # type: ignore[arg-type]  # start_response is a protocol of two calls
        except BaseException:
            tell()
            raise
        if isinstance(body, list):
            tell(bytes=sum(map(len, body)))
            return body
        bound = request_fields()  # gone by the time a stream ends
        return ClosingIterator(body, lambda: tell(**bound))


def _about(environ: WSGIEnvironment) -> dict[str, object]:
    checkout_id = checkout_noted(environ)
    return {
        "method": environ["REQUEST_METHOD"][:METHOD_CHARS_MAX],
        "route": environ.get(ROUTE),
        **({"checkout_id": checkout_id} if checkout_id else {}),
        "key_id": environ.get(KEY_ID),
        "consumer": environ.get(CONSUMER),
        "address": environ.get("REMOTE_ADDR"),
    }
