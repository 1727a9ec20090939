"""What a request says: its body, its ids, its headers. Each is read exactly or refused.

Broken JSON is a 400; JSON that breaks a limit is an `InvalidValue`, and that a 422.
"""

import re

from flask import current_app, request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from adapters.codec import strict_json
from adapters.http.answers import JSON
from application.requests.idempotency_key import checked_key
from domain.errors import InvalidValue

_is_quoted = re.compile(r'"(?:[^"\\]|\\["\\])*"').fullmatch


class WrongContentType(Exception):
    """The body is not said to be JSON."""


def json_body() -> object:
    """The body, with every decimal as it was written.

    Raises:
        WrongContentType: it is not `application/json`.
        RequestEntityTooLarge: it is longer than the application's limit.
        ClientDisconnected: it ends before it should.
        BrokenJson: it is not JSON (RFC 8259), or not UTF-8.
        InvalidValue: an object in it has the same field twice.
    """
    if request.environ.get("CONTENT_TYPE") != JSON and request.mimetype != JSON:
        raise WrongContentType
    return strict_json.read(_body(), "body")


def _body() -> bytes:
    """The body. Where its length is known it is read directly: Werkzeug's streams cost more than its JSON."""
    environ = request.environ
    said = environ.get("CONTENT_LENGTH", "")
    limit = current_app.config["MAX_CONTENT_LENGTH"]
    if said.isdecimal() and "HTTP_TRANSFER_ENCODING" not in environ:
        length = int(said)
        if length >= limit:
            raise RequestEntityTooLarge
        body: bytes = environ["wsgi.input"].read(length)
        if len(body) < length:
            raise ClientDisconnected
        return body
    body = request.get_data(cache=False)
    if len(body) >= limit:
        raise RequestEntityTooLarge
    return body


def idempotency_key() -> str | None:
    """The `Idempotency-Key` header, plain or as a quoted string (RFC 8941); both mean the same key.

    Raises:
        InvalidValue: it is empty, too long, or not printable ASCII.
    """
    key = request.environ.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return None
    if key.startswith('"'):
        if not _is_quoted(key):
            raise InvalidValue("Idempotency-Key", "must end the quoted string it starts")
        key = re.sub(r"\\(.)", r"\1", key[1:-1])
    return checked_key(key, "Idempotency-Key")
