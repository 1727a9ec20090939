"""A stand-in for Kong, for tests alone: a WSGI application that does what a real 3.9.1 was seen to do."""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final
from wsgiref.types import WSGIApplication, WSGIEnvironment

import orjson
from werkzeug import Request, Response
from werkzeug.datastructures import Headers

from adapters.inmemory.clock import FakeClock
from tests.kong.declared import Config, Declared, Route

ADDRESS: Final = "10.0.0.7"
VIA: Final = "1.1 kong/3.9.1"
MINUTE_S: Final = 60


class Refused(Exception):
    """Kong answers itself."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.response: Final = Response(
            orjson.dumps({"message": message}),
            status,
            {name.replace("_", "-"): value for name, value in headers.items()},
            content_type="application/json; charset=utf-8",
        )


class Gateway:
    """`declared` before `upstream`. It speaks to it from `address`."""

    def __init__(
        self, declared: Declared, upstream: WSGIApplication, *, clock: FakeClock, address: str = ADDRESS
    ) -> None:
        self._declared: Final = declared
        self._upstream: Final = upstream
        self._clock: Final = clock
        self._address: Final = address
        self._routes: Final = declared.routes()
        self._asked: Final[Counter[tuple[str | None, str, int]]] = Counter()
        self.counted: Final[Counter[tuple[str, int, str]]] = Counter()
        """kong_http_requests_total, by (service, code, consumer)."""

    def __call__(self, environ: WSGIEnvironment, start_response: Any) -> Iterable[bytes]:
        response = self._answer(Request(environ))
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        headers = Headers(list(request.headers))
        correlation = self._declared.everywhere().get("correlation-id")
        if correlation:
            headers.setdefault(correlation["header_name"], str(uuid.uuid4()))
        try:
            response = self._passed_on(request, headers)
        except Refused as refused:
            response = refused.response
        if correlation and correlation["echo_downstream"]:
            response.headers[correlation["header_name"]] = headers[correlation["header_name"]]
        return response

    def _passed_on(self, request: Request, headers: Headers) -> Response:
        route, part = self._route(request)
        consumer = self._consumer(self._declared.everywhere()["key-auth"], request, headers)
        plugins = self._declared.plugins(route, consumer)
        if (request.content_length or 0) > plugins["request-size-limiting"]["allowed_payload_size"]:
            raise Refused(413, "Request size limit exceeded")
        quota = self._quota(plugins.get("rate-limiting"), route, consumer["username"])
        if "request-transformer" in plugins:
            _transform(plugins["request-transformer"], headers)
        if "request-termination" in plugins:
            end = plugins["request-termination"]
            raise Refused(end["status_code"], end["message"])
        self._forward(request, headers, route, part)
        response = self._ask(request, headers, request.path[len(part) :] if route.strip else request.path)
        response.headers.extend(quota)
        response.headers["Via"] = VIA
        if plugins["prometheus"]["status_code_metrics"]:
            named = consumer["username"] if plugins["prometheus"]["per_consumer"] else ""
            self.counted[str(route.service), response.status_code, named] += 1
        return response

    def _route(self, request: Request) -> tuple[Route, str]:
        for route in self._routes:
            part = route.match(request.method, request.path)
            if part is not None:
                return route, part
        raise Refused(404, "no Route matched with those values")

    def _consumer(self, config: Config, request: Request, headers: Headers) -> Mapping[str, Any]:
        shown = None
        for name in config["key_names"]:
            shown = shown or headers.get(name) or (config["key_in_query"] and request.args.get(name))
            if config["hide_credentials"]:
                headers.pop(name, None)
        if not shown:
            raise Refused(401, "No API key found in request", WWW_Authenticate="Key")
        consumer = self._declared.consumers().get(shown)
        if consumer is None:
            raise Refused(401, "Unauthorized")
        headers["X-Consumer-Username"] = consumer["username"]
        headers["X-Consumer-ID"] = str(uuid.uuid5(uuid.NAMESPACE_DNS, consumer["username"]))
        headers["X-Credential-Identifier"] = str(uuid.uuid5(uuid.NAMESPACE_DNS, shown))
        return consumer

    def _quota(self, config: Config | None, route: Route, consumer: str) -> dict[str, str]:
        if config is None:
            return {}
        now_s = int(self._clock.now_s())
        window = (route.service, consumer, now_s // MINUTE_S)
        self._asked[window] += 1
        limit, left = config["minute"], config["minute"] - self._asked[window]
        reset = str(MINUTE_S - now_s % MINUTE_S)
        told = {"RateLimit-Limit": limit, "X-RateLimit-Limit-Minute": limit, "RateLimit-Reset": reset}
        told |= {"RateLimit-Remaining": max(left, 0), "X-RateLimit-Remaining-Minute": max(left, 0)}
        headers = {name: str(value) for name, value in told.items()}
        if left < 0:
            raise Refused(429, "API rate limit exceeded", **{"Retry-After": reset, **headers})
        return headers

    def _forward(self, request: Request, headers: Headers, route: Route, part: str) -> None:
        client = str(request.remote_addr)
        host, _, port = request.host.partition(":")
        headers["X-Forwarded-For"] = ", ".join(filter(None, [headers.get("X-Forwarded-For"), client]))
        headers["X-Real-IP"] = client
        headers["X-Forwarded-Proto"] = request.scheme
        headers["X-Forwarded-Host"] = host
        headers["X-Forwarded-Port"] = port or "80"
        headers["X-Forwarded-Path"] = request.path
        headers["Via"] = VIA
        headers["Host"] = self._declared.services()[str(route.service)]["host"]
        headers.remove("X-Forwarded-Prefix")
        if route.strip:
            headers["X-Forwarded-Prefix"] = part

    def _ask(self, request: Request, headers: Headers, path: str) -> Response:
        environ = {name: value for name, value in request.environ.items() if not name.startswith("HTTP_")}
        sent = [(name, value) for name, value in headers if not name.startswith("Content-")]
        environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in sent}
        environ |= {"REMOTE_ADDR": self._address, "SCRIPT_NAME": "", "PATH_INFO": f"/{path.lstrip('/')}"}
        return Response.from_app(self._upstream, environ, buffered=True)


def _transform(config: Config, headers: Headers) -> None:
    for name in config.get("remove", {}).get("headers", ()):
        headers.remove(name)
    for line in config.get("add", {}).get("headers", ()):
        name, _, value = line.partition(":")
        headers.setdefault(name, value)
