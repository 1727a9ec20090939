"""What every answer tells a browser: take it for what it is, and let nobody else have it.

`Strict-Transport-Security` is not among them: who ends TLS, a gateway, says it.
"""

from collections.abc import Iterable
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

POLICY: Final = "Content-Security-Policy"

ALWAYS: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
DATA: Final = (*ALWAYS, (POLICY, "default-src 'none'; frame-ancestors 'none'"))
"""Of an answer that is no page: nothing in it is ever to be run or shown."""


class SafeHeaders:
    """A WSGI application whose every answer has them. A page brings a policy of its own."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application: Final = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: object) -> object:
            added = ALWAYS if POLICY in dict(headers) else DATA
            return start_response(status, [*headers, *added], *error)  # type: ignore[arg-type]  # as it came

        return self._application(environ, start)  # type: ignore[arg-type]  # start_response is a protocol of two calls
