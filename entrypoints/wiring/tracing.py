"""The spans of a process, where TRACES=on."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final
from wsgiref.types import WSGIApplication

from entrypoints.settings import Settings
from entrypoints.start_refused import StartRefused

if TYPE_CHECKING:
    from adapters.traces.traces import Traces

NEEDED: Final = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")


def check_traces(settings: Settings) -> None:
    """Refuse here, in one line, what each process would refuse. Raises StartRefused."""
    if settings.traces == "on" and not all(map(_is_there, NEEDED)):
        raise StartRefused("TRACES=on needs OpenTelemetry: install comptoir[traces], or set TRACES=off")


def traces(settings: Settings, role: str) -> "Traces":
    """Those of this process, sent where the OTEL_* variables say.

    Raises:
        StartRefused: what that needs is not installed.
    """
    check_traces(settings)
    from adapters.traces.provider import NoSuchExporter, provider_of_environment
    from adapters.traces.traces import Traces

    try:
        return Traces(provider_of_environment(role), settings.traces_flush_ms)
    except NoSuchExporter as error:
        raise StartRefused(str(error)) from error


def around_requests(traces: "Traces") -> Callable[[WSGIApplication], WSGIApplication]:
    """What puts a span around each request. For the API: a worker need not know of HTTP."""
    from adapters.traces.requests import TracedRequests

    return lambda application: TracedRequests(application, traces.tracer)


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):  # what it is part of is missing, or hidden
        return False
