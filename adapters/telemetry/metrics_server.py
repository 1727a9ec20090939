"""The page that Prometheus reads."""

from threading import Thread
from wsgiref.simple_server import WSGIServer

import attrs
from prometheus_client import CollectorRegistry, start_http_server


@attrs.frozen
class MetricsServer:
    """A page that is being served, by a thread of its own that ends with the process."""

    _server: WSGIServer
    _thread: Thread

    @property
    def port(self) -> int:
        """Where it listens; of interest where any free port was asked for."""
        return self._server.server_port

    def close(self) -> None:
        """Stop serving and give the port back. Waits for at most half a second."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def serve_metrics(registry: CollectorRegistry, host: str, port: int) -> MetricsServer:
    """Serve the metrics of `registry` at `host`:`port`; 0 takes any free port.

    Raises:
        OSError: the port is in use, or the address is not this host's.
    """
    server, thread = start_http_server(port, addr=host, registry=registry)
    return MetricsServer(server, thread)
