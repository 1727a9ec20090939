"""Where a span stands in its trace: `traceparent` (W3C Trace Context), read and written."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from opentelemetry.context import Context
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Span, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_W3C: Final = TraceContextTextMapPropagator()
_ABOUT: Final[ContextVar[str]] = ContextVar("about", default="")


def context_of(traceparent: str | None) -> Context:
    """What to begin a span in, never that of whoever calls; without a valid one the span begins a trace."""
    return _W3C.extract({"traceparent": traceparent} if traceparent else {})


def traceparent_of(span: Span) -> str | None:
    """What others are told, so that their spans hang below this one; None where there is nothing to tell."""
    told: dict[str, str] = {}
    _W3C.inject(told, set_span_in_context(span, Context()))
    return told.get("traceparent")


@contextmanager
def one_trace_about(name: str) -> Iterator[None]:
    """Meanwhile a span that begins a trace begins the one of `name`: always the same, whoever begins it.

    An event that came without a trace is handled by each group on its own, in processes that do not know
    of each other; they agree so on one trace for it, and on whether it is sampled.
    """
    before = _ABOUT.set(name)
    try:
        yield
    finally:
        _ABOUT.reset(before)


class TraceIds(RandomIdGenerator):
    """Random ids, but for the trace of a name."""

    def generate_trace_id(self) -> int:
        """16 bytes, never 0."""
        name = _ABOUT.get()
        if not name:
            return super().generate_trace_id()
        return int.from_bytes(hashlib.sha256(name.encode()).digest()[:16]) or 1
