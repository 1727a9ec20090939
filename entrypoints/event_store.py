"""The event store API as a process of its own, `comptoir event-store`: replay, listing, the read models.

It does nothing that writes, so it can be given a user of the server with read commands only.
"""

from functools import partial

from flask import Flask

from adapters.http.app import ReadingServices, create_event_store_app
from entrypoints.api import frame_of, made_from_environment, page_of, serve
from entrypoints.garbage import settle
from entrypoints.settings import Settings
from entrypoints.wiring.desks import Desks


def serve_event_store(settings: Settings) -> int:
    """Answer HTTP until SIGTERM or SIGINT; requests at hand are finished first. The exit code."""
    return serve(settings, "event-store", "entrypoints.event_store:application")


def application() -> Flask:
    """The application of one process, made from the environment."""
    made = application_of(made_from_environment("event-store"))
    settle()
    return made


def application_of(container: Desks) -> Flask:
    """The application on what the container holds."""
    frame, gate_figures = frame_of(container)
    services = ReadingServices(
        explainer=container.explainer(),
        lister=container.lister(),
        orders=container.orders(),
        live=container.live(),
        readiness=container.readiness().problems,
        metrics=partial(page_of, container.registry(), gate_figures),
        cloud_events=container.cloud_events(),
    )
    return create_event_store_app(services, frame)
