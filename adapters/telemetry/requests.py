"""Requests to the HTTP API, as metrics."""

from typing import Final

HTTP_BUCKETS_S: Final = (
    *(0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.03, 0.05, 0.1),
    *(0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 10.0),
)
"""Up to 10 s, as what a caller asked to wait for is not counted."""

REQUESTS: Final = (
    "http_request_duration_seconds",
    "How long requests took to answer, or to begin to where the answer is a stream",
    ("method", "route", "status"),
    HTTP_BUCKETS_S,
)
