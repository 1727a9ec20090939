"""The thread of an API process that puts a beat on the bus every few seconds."""

import threading

import structlog

from adapters.telemetry.told_errors import told
from application.ports.errors import Unavailable
from application.ports.heartbeats import Heartbeats


def keep_beating(heartbeats: Heartbeats, *, every_s: float, stop: threading.Event | None = None) -> None:
    """Beat until `stop`, or for as long as the process lives."""
    stop = stop or threading.Event()

    def beat() -> None:
        while not stop.is_set():
            try:
                heartbeats.beat()
            except Unavailable as error:  # whoever listens will notice
                structlog.get_logger().warning("no heartbeat", error=told(error))
            stop.wait(every_s)

    threading.Thread(target=beat, name="heart", daemon=True).start()
