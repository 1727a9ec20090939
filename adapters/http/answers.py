"""A JSON answer."""

from collections.abc import Mapping

import orjson
from flask import Response


def answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`body` as compact JSON."""
    return Response(orjson.dumps(body), status, headers, content_type="application/json")


def once(replayed: bool) -> dict[str, str]:
    """The header that tells a repeated answer from the first one."""
    return {"Idempotency-Replayed": "true"} if replayed else {}
