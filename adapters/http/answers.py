"""Answers: JSON, never stored unless they can be validated."""

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Final
from wsgiref.types import WSGIEnvironment

import orjson
from flask import Response, request
from werkzeug.datastructures import Headers

JSON: Final = "application/json"
TAG_BYTES: Final = 12
VALIDATED: Final = "private, no-cache"
"""For whoever asked alone, and to be asked for again each time."""


class Answer(Response):
    """An answer whose headers and body are ready to be sent."""

    def get_wsgi_headers(self, environ: object) -> Headers:
        """Its own headers. Werkzeug would look for a Location to escape; ours are made of plain ids."""
        return self.headers

    def get_app_iter(self, environ: WSGIEnvironment) -> Iterable[bytes]:
        """Its body as a list, which Granian sends whole; anything else it takes for a stream."""
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self.get_data()]


def answer(
    body: object,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    *,
    content_type: str = JSON,
    cache_control: str = "no-store",
) -> Answer:
    """`body` as compact JSON; bytes as they are."""
    sent = body if isinstance(body, bytes) else orjson.dumps(body)
    fields = [("Content-Type", content_type), ("Cache-Control", cache_control)]
    if headers:
        fields += headers.items()
    return Answer(sent, status, Headers(fields))


def validated(body: object, headers: Mapping[str, str] | None = None, *, content_type: str = JSON) -> Answer:
    """`body` with its `ETag`, or 304 where `If-None-Match` says that the caller has it.

    The tag is made from the bytes of the answer, so that it is another one whenever these are: after
    an event, and after a new version of the service too.
    """
    sent = body if isinstance(body, bytes) else orjson.dumps(body)
    tag = urlsafe_b64encode(blake2b(sent, digest_size=TAG_BYTES).digest()).decode()
    fields = {"ETag": f'"{tag}"', **(headers or {})}
    if "HTTP_IF_NONE_MATCH" not in request.environ or not request.if_none_match.contains_weak(tag):
        return answer(sent, 200, fields, content_type=content_type, cache_control=VALIDATED)
    unchanged = answer(b"", 304, fields, cache_control=VALIDATED)
    for about_the_body in ("Content-Type", "Content-Length"):
        unchanged.headers.pop(about_the_body, None)
    return unchanged


def once(replayed: bool) -> dict[str, str]:
    """The header that tells a repeated answer from the first one."""
    return {"Idempotency-Replayed": "true"} if replayed else {}
