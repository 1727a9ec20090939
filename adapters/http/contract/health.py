"""Health and figures."""

from typing import Final

from adapters.http.contract.operation import Answer, Example, Operation
from adapters.http.contract.schemas import TEXT, map_of, named, one_of, record

TAG: Final = "Health"

SCHEMAS: Final = {
    "Live": record(status=one_of("live")),
    "Ready": record(status=one_of("ready")),
    "NotReady": record(status=one_of("not ready"), problems=map_of(TEXT)),
}

OPERATIONS: Final = (
    Operation(
        "GET",
        "/livez",
        endpoint="health.live",
        id="isLive",
        summary="Whether the process lives",
        description="Never waits and asks nobody.",
        answers=(Answer(200, "It does.", named("Live")),),
        examples=(Example("alive"),),
        queued=False,
        stored=False,
    ),
    Operation(
        "GET",
        "/readyz",
        endpoint="health.ready",
        id="isReady",
        summary="Whether it can serve",
        answers=(
            Answer(200, "It can.", named("Ready")),
            Answer(503, "It cannot; what is missing, and why.", named("NotReady")),
        ),
        examples=(Example("ready"),),
        stored=False,
    ),
    Operation(
        "GET",
        "/metrics",
        endpoint="health.figures",
        id="showMetrics",
        summary="Figures of the API, for Prometheus",
        answers=(
            Answer(
                200,
                "In Prometheus' text format.",
                TEXT,
                content_type="text/plain",
                recorded=False,
            ),
        ),
        examples=(Example("figures"),),
        stored=False,
    ),
)
