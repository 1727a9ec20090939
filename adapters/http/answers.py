"""Answers: JSON, never stored, never to be taken for anything else."""

from collections.abc import Iterable, Mapping
from wsgiref.types import WSGIEnvironment

import orjson
from flask import Response
from werkzeug.datastructures import Headers

JSON = "application/json"


class Answer(Response):
    """An answer whose headers and body are ready to be sent."""

    def get_wsgi_headers(self, environ: object) -> Headers:
        """Its own headers. Werkzeug would look for a Location to escape; ours are made of plain ids."""
        return self.headers

    def get_app_iter(self, environ: WSGIEnvironment) -> Iterable[bytes]:
        """Its body as a list, which Granian sends whole; anything else it takes for a stream."""
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self.get_data()]


def answer(
    body: object, status: int = 200, headers: Mapping[str, str] | None = None, *, content_type: str = JSON
) -> Answer:
    """`body` as compact JSON; bytes as they are."""
    sent = body if isinstance(body, bytes) else orjson.dumps(body)
    fields = [
        ("Content-Type", content_type),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    if headers:
        fields += headers.items()
    return Answer(sent, status, Headers(fields))


def once(replayed: bool) -> dict[str, str]:
    """The header that tells a repeated answer from the first one."""
    return {"Idempotency-Replayed": "true"} if replayed else {}
