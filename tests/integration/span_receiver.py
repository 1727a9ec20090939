"""A collector on a real socket: takes spans over OTLP/HTTP and keeps them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import attrs
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@attrs.frozen
class Received:
    """A span and the role of the process that sent it."""

    role: str
    span: Span

    @property
    def shown(self) -> str:
        """Role and name."""
        return f"{self.role}: {self.span.name}"


@attrs.define
class SpanReceiver:
    """What has arrived at `url`."""

    url: str = ""
    received: list[Received] = attrs.Factory(list)

    def take(self, body: bytes) -> None:
        """Keep the spans of one request."""
        request = ExportTraceServiceRequest.FromString(body)
        for told in request.resource_spans:
            about = {attribute.key: attribute.value.string_value for attribute in told.resource.attributes}
            spans = [span for scope in told.scope_spans for span in scope.spans]
            self.received.extend(Received(about["comptoir.role"], span) for span in spans)

    def of_trace(self, trace_id: str) -> list[Received]:
        """Those of one trace."""
        return [one for one in self.received if one.span.trace_id.hex() == trace_id]


@contextmanager
def collecting() -> Iterator[SpanReceiver]:
    """Answer meanwhile."""
    receiver = SpanReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *said: object) -> None:
            """Nothing to say."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
