"""The page of metrics is served on a port."""

import socket
from urllib.request import urlopen

import pytest
from prometheus_client import CollectorRegistry, Gauge

from adapters.telemetry.metrics_server import serve_metrics


def test_the_page_is_served_until_it_is_closed() -> None:
    registry = CollectorRegistry()
    Gauge("somewhere", "Whether it is", registry=registry).set(1)
    server = serve_metrics(registry, "127.0.0.1", 0)

    with urlopen(f"http://127.0.0.1:{server.port}/metrics", timeout=5) as answer:
        shown = answer.read().decode()
    server.close()

    assert "somewhere 1.0" in shown
    socket.create_server(("127.0.0.1", server.port)).close()


def test_a_port_in_use_is_said_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        serve_metrics(CollectorRegistry(), "127.0.0.1", taken.getsockname()[1])
