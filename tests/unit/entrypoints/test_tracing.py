"""TRACES=on: what is not there is refused at the start, in one line, and nobody waits for a collector."""

import threading
import time
from collections.abc import Sequence
from typing import Final

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from adapters.traces.provider import provider_of_environment, shut_down
from entrypoints.settings import Settings
from entrypoints.start_refused import StartRefused
from entrypoints.wiring.tracing import traces

ON: Final = Settings(traces="on")
OTLP: Final = "OTEL_EXPORTER_OTLP_PROTOCOL"


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [("OTEL_TRACES_EXPORTER", "zipkin", "zipkin"), (OTLP, "grpc", "otlp_proto_grpc")],
)
def test_an_exporter_that_is_not_installed_is_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, named: str
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(StartRefused, match=f"no exporter {named} is installed"):
        traces(ON, "api")


def test_the_service_is_comptoir_unless_it_is_told_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "none")
    assert provider_of_environment("audit").resource.attributes["service.name"] == "comptoir"

    monkeypatch.setenv("OTEL_SERVICE_NAME", "till")
    named = provider_of_environment("audit").resource.attributes
    assert (named["service.name"], named["comptoir.role"]) == ("till", "audit")


class DeadExporter(SpanExporter):
    """Answers never."""

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.let_go.wait()
        return SpanExportResult.FAILURE


def test_a_collector_that_answers_never_holds_nobody_up_at_the_end() -> None:
    exporter = DeadExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    provider.get_tracer("t").start_span("s").end()

    began_s = time.monotonic()
    assert not shut_down(provider, within_s=0.1)

    assert time.monotonic() - began_s < 5
    exporter.let_go.set()
