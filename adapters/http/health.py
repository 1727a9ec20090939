"""Whether the process lives, whether it can serve, and its figures."""

from collections.abc import Callable

import attrs
from flask import Blueprint, Response

from adapters.http.answers import answer


@attrs.frozen
class HealthRoutes:
    readiness: Callable[[], dict[str, str]]
    metrics: Callable[[], tuple[bytes, str]]

    def blueprint(self) -> Blueprint:
        routes = Blueprint("health", __name__)
        routes.get("/livez")(self.live)
        routes.get("/readyz")(self.ready)
        routes.get("/metrics")(self.figures)
        return routes

    def live(self) -> Response:
        return answer({"status": "live"})

    def ready(self) -> Response:
        missing = self.readiness()
        if missing:
            return answer({"status": "not ready", "problems": missing}, 503)
        return answer({"status": "ready"})

    def figures(self) -> Response:
        page, content_type = self.metrics()
        return answer(page, content_type=content_type)
