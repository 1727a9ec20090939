"""Where spans go, as the standard OTEL_* variables say: OpenTelemetry reads them from the environment."""

import os
import threading
from importlib.metadata import entry_points
from typing import Final
from uuid import uuid4

from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Tracer

from adapters.traces.context import TraceIds
from adapters.version import our_version

EXPORTERS: Final = "opentelemetry_traces_exporter"
OTLP: Final = {"http/protobuf": "otlp_proto_http", "grpc": "otlp_proto_grpc"}


class NoSuchExporter(Exception):
    """What the environment asks for is not installed. One line."""


def provider_of_environment(role: str) -> TracerProvider:
    """Spans gathered and sent in the background; `role` is what this process is.

    The sampler is OTEL_TRACES_SAMPLER's. Nothing waits at exit: that is for `shut_down`.

    Raises:
        NoSuchExporter: OTEL_TRACES_EXPORTER or the protocol names one that is not here.
    """
    exporter = _exporter()
    told = OTELResourceDetector().detect().attributes
    ours = {"service.name": "comptoir", "service.instance.id": str(uuid4()), "comptoir.role": role}
    ours["service.version"] = our_version()
    provider = TracerProvider(
        resource=Resource.create({**ours, **told}), id_generator=TraceIds(), shutdown_on_exit=False
    )
    if exporter:
        provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def tracer_of(provider: TracerProvider) -> Tracer:
    """The tracer of everything here."""
    return provider.get_tracer("comptoir", our_version())


def shut_down(provider: TracerProvider, *, within_s: float) -> bool:
    """Send what is left, for at most `within_s`; whether it was over by then."""
    closing = threading.Thread(target=provider.shutdown, name="last spans", daemon=True)
    closing.start()
    closing.join(within_s)
    return not closing.is_alive()


def _exporter() -> SpanExporter | None:
    name = os.environ.get("OTEL_TRACES_EXPORTER") or "otlp"
    if name == "none":
        return None
    if name == "otlp":
        variables = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
        protocol = next(filter(None, map(os.environ.get, variables)), "http/protobuf")
        name = OTLP.get(protocol, protocol)
    for found in entry_points(group=EXPORTERS, name=name):
        exporter = found.load()()
        assert isinstance(exporter, SpanExporter), exporter
        return exporter
    raise NoSuchExporter(f"OTEL_TRACES_EXPORTER: no exporter {name} is installed")
