"""How many requests there were, of which kind, how they were answered and how long that took."""

import time
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Request
from werkzeug.routing import Rule

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER_METHOD: Final = "other"
UNMATCHED: Final = "unmatched"
"""The route of what has none: no such path, no such method there, or turned away before it was looked at."""

ROUTE: Final = "comptoir.route"
ASIDE_S: Final = "comptoir.aside_s"
"""Seconds that the request stood aside because its caller would rather wait."""

Labels = tuple[str, str, str]
"""Method, route as it is declared, status: all of a bounded number."""

Count = Callable[[Labels, float], None]


class RoutedRequest(Request):
    """A request whose environ says which route it takes: told where it is found, without a hook for each."""

    _rule: Rule | None = None

    def _take(self, rule: Rule | None) -> None:
        self._rule = rule
        if rule is not None:
            self.environ[ROUTE] = rule.rule

    url_rule = property(attrgetter("_rule"), _take)


class RequestsCounted:
    """A WSGI application whose requests are counted when their answer is made, or for a stream begun."""

    def __init__(self, application: WSGIApplication, count: Count) -> None:
        self._application: Final = application
        self._count: Final = count

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        begun_s = time.perf_counter()
        status = "500"

        def start(said: str, headers: list[tuple[str, str]], *error: object) -> object:
            nonlocal status
            status = said[:3]
            return start_response(said, headers, *error)  # type: ignore[arg-type]  # as it came

        try:
            return self._application(environ, start)  # type: ignore[arg-type]  # start_response is a protocol of two calls
        finally:
            method = environ["REQUEST_METHOD"]
            labels = (
                method if method in METHODS else OTHER_METHOD,
                environ.get(ROUTE, UNMATCHED),
                status,
            )
            self._count(labels, time.perf_counter() - begun_s - environ.get(ASIDE_S, 0.0))
