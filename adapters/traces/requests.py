"""A span for each request over HTTP, `POST /api/checkouts`: below the caller's, above what comes of it."""

from collections.abc import Iterable
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer
from werkzeug.wsgi import ClosingIterator

from adapters.http.door.noted import checkout_noted
from adapters.http.requests_counted import METHODS, ROUTE
from adapters.traces.context import context_of, traceparent_of

NOT_TRACED: Final = {"/livez", "/readyz", "/metrics"}
"""Asked all the time by those who watch, and nobody's business."""


class TracedRequests:
    """A WSGI application whose `traceparent` is, for all that is inside it, that of the request's span.

    Neither the path as it was typed nor a query, a header or a body is told: they may hold anything.
    """

    def __init__(self, application: WSGIApplication, tracer: Tracer) -> None:
        self._application: Final = application
        self._tracer: Final = tracer

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") in NOT_TRACED:
            return self._application(environ, start_response)
        span = self._begin(environ)

        def start(said: str, headers: list[tuple[str, str]], *error: object) -> object:
            _answered(span, int(said[:3]))
            return start_response(said, headers, *error)  # type: ignore[arg-type]  # as it came

        try:
            body = self._application(environ, start)  # type: ignore[arg-type]  # start_response is a protocol of two calls
        except BaseException as error:
            span.set_status(Status(StatusCode.ERROR))
            span.set_attribute("error.type", type(error).__qualname__)
            _end(span, environ)
            raise
        if isinstance(body, list):
            _end(span, environ)
            return body
        return ClosingIterator(body, lambda: _end(span, environ))

    def _begin(self, environ: WSGIEnvironment) -> Span:
        method = environ["REQUEST_METHOD"]
        known = method if method in METHODS else "_OTHER"
        span = self._tracer.start_span(
            known if known == method else "HTTP",
            context_of(environ.get("HTTP_TRACEPARENT")),
            SpanKind.SERVER,
            attributes={"http.request.method": known, "url.scheme": environ["wsgi.url_scheme"]},
        )
        told = traceparent_of(span)
        if told:
            environ["HTTP_TRACEPARENT"] = told
        return span


def _answered(span: Span, status: int) -> None:
    span.set_attribute("http.response.status_code", status)
    if status >= 500:
        span.set_attribute("error.type", str(status))
        span.set_status(Status(StatusCode.ERROR))


def _end(span: Span, environ: WSGIEnvironment) -> None:
    if route := environ.get(ROUTE):
        span.set_attribute("http.route", route)
        span.update_name(f"{environ['REQUEST_METHOD']} {route}")
    if checkout_id := checkout_noted(environ):
        span.set_attribute("comptoir.checkout_id", checkout_id)
    span.end()
