"""What holds around any routes: limits, gates, who is let in, and how errors are told."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol
from wsgiref.types import WSGIApplication

import attrs
from flask import Blueprint, Flask

from adapters.http.door.admission import Admission, Gates
from adapters.http.door.door import OPEN_DOOR, Door
from adapters.http.door.proxies import Network, Proxies
from adapters.http.door.request_origin import OriginKept
from adapters.http.door.safe_headers import SafeHeaders
from adapters.http.limits import HttpLimits
from adapters.http.problems import answer_errors_as_problems, log_failure
from adapters.http.requests_counted import Count, RequestsCounted, RoutedRequest
from adapters.telemetry.told_errors import ExcInfo

DEFAULT_LIMITS: Final = HttpLimits()


class _Application(Flask):
    def log_exception(self, exc_info: ExcInfo | tuple[None, None, None]) -> None:
        """Flask's own line has the path, which may name a client."""
        if exc_info[1] is not None:
            log_failure(exc_info[1])


class Routes(Protocol):
    """Some routes."""

    def blueprint(self) -> Blueprint:
        """Them, ready to be registered."""


@attrs.frozen(kw_only=True)
class Frame:
    """`gates`: to be looked at from outside, if not its own. `trusted_proxies`: who is believed about the
    client and the path asked for. `door`: who is let in, how often, and what is written down of it.
    `count`: is told of every request, those that are turned away too. `traced`: puts a span around each
    request, where there are spans."""

    limits: HttpLimits = DEFAULT_LIMITS
    gates: Gates = attrs.field()
    trusted_proxies: Sequence[Network] = ()
    door: Door = OPEN_DOOR
    count: Count | None = None
    traced: Callable[[WSGIApplication], WSGIApplication] | None = None

    @gates.default
    def _gates_of_limits(self) -> Gates:
        return Gates.of(self.limits)

    def around(self, *routes: Routes) -> Flask:
        """The application. It answers JSON, errors too (RFC 9457), and pages for people."""
        app = _Application(__name__, static_folder=None)
        app.request_class = RoutedRequest
        app.config.update(
            # Werkzeug cuts a body of unsaid length off at this; one more tells a cut one from a whole one.
            MAX_CONTENT_LENGTH=self.limits.body_max_bytes + 1,
            PROPAGATE_EXCEPTIONS=False,
            PROVIDE_AUTOMATIC_OPTIONS=False,
        )
        # A redirect to the tidied path would be an HTML page, and would lose the body of a POST.
        app.url_map.strict_slashes = False
        app.url_map.merge_slashes = False
        answer_errors_as_problems(app, self.limits)
        self.door.guard(app)
        for some in routes:
            app.register_blueprint(some.blueprint())
        admission = Admission(app.wsgi_app, self.gates, self.limits)
        app.wsgi_app = SafeHeaders(OriginKept(self.door.logged(admission)))  # type: ignore[method-assign]  # the way that Flask's documentation shows
        if self.count:
            app.wsgi_app = RequestsCounted(app.wsgi_app, self.count)  # type: ignore[method-assign]  # as above
        if self.traced:
            app.wsgi_app = self.traced(app.wsgi_app)  # type: ignore[assignment, method-assign]  # as above
        if self.trusted_proxies:
            app.wsgi_app = Proxies(app.wsgi_app, self.trusted_proxies)  # type: ignore[method-assign]  # as above
        return app
