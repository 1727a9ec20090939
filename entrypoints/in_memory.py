"""The whole service in one process and in memory, for a quick look: `comptoir up --in-memory`."""

import threading

from dependency_injector import providers
from werkzeug.serving import make_server

from adapters.telemetry.logging import configure_logging
from domain.checkout.saga import SAGA
from entrypoints.api import application_of
from entrypoints.container import Container, worker_of
from entrypoints.settings import Settings
from entrypoints.stop_signals import stop_event
from entrypoints.up.fleet import commands_to_try

JOIN_S = 5.0


def run_in_memory(settings: Settings) -> int:
    """Serve the API with all workers as threads until SIGTERM or SIGINT. Nothing survives. The exit code."""
    configure_logging(settings.log_level, settings.log_format, process="in-memory")
    container = Container(settings=settings, backend=providers.Object("memory"))
    app = application_of(container)
    stop = stop_event()
    threads = [
        threading.Thread(
            target=worker_of(container, step.worker).run, args=(stop.is_set, stop.wait), name=step.worker
        )
        for step in SAGA
    ]
    server = make_server(settings.host, settings.port, app, threaded=True)
    for thread in [*threads, threading.Thread(target=server.serve_forever, daemon=True, name="api")]:
        thread.start()
    url = f"http://{settings.host}:{server.server_port}"
    print(f"comptoir answers at {url}, wholly in memory: nothing is kept. Ctrl-C stops it. Try")  # noqa: T201
    for command in commands_to_try(url, settings)[:-1]:
        print(f"  {command}")  # noqa: T201
    print(f"  curl {url}/api/event-store/streams/ecommerce.checkout.events/events", flush=True)  # noqa: T201
    stop.wait()
    container.live().close()
    server.shutdown()
    for thread in threads:
        thread.join(JOIN_S)
    if settings.traces == "on":
        container.traces().close()
    return 0
