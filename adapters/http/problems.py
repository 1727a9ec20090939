"""Every error as `application/problem+json` (RFC 9457).

`type` is a path of this service's own and never changes (what a gateway has cut off stands before it);
`field` and `limit` say what to put right.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from adapters.codec.strict_json import BrokenJson
from adapters.http import links
from adapters.http import problem_kinds as kinds
from adapters.http.answers import answer
from adapters.http.limits import HttpLimits
from adapters.http.parsing import WrongContentType
from adapters.http.problem_kinds import Kind
from adapters.telemetry.bounded_log import BoundedLog
from adapters.telemetry.told_errors import told, traceback_of
from application.ports.errors import InvalidPosition, Unavailable
from application.requests.start_checkout import IdempotencyKeyReused
from domain.calls.commands import NotInDoubt, UnknownCall
from domain.errors import CheckoutEnded, CheckoutFailing, DomainError, InvalidValue, UnknownCheckout

PROBLEM = "application/problem+json"

_PATH_CHARS_SHOWN = 200
_ASK_AGAIN = "ask again later"
_REPEAT = "whether anything was written is not known; with the same Idempotency-Key it is safe to repeat"


def problem(
    kind: Kind, detail: str, *, headers: Mapping[str, str] | None = None, **members: object
) -> Response:
    """A problem of a kind of `problem_kinds`."""
    body = {
        "type": links.PREFIX.get() + kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        **members,
    }
    return answer(body, kind.status, headers, content_type=PROBLEM)


def log_failure(error: BaseException) -> None:
    """What nobody foresaw: where it was raised, and what was asked for. Never the path as it was typed."""
    log = structlog.get_logger(__name__)
    log.error("request failed", error=told(error), exception=traceback_of(error), **_asked())


def _asked() -> dict[str, object]:
    return {"method": request.method, "route": request.url_rule.rule if request.url_rule else None}


def not_found(field: str, detail: str) -> Response:
    """What `field` names does not exist."""
    return problem(kinds.NOT_FOUND, detail, field=field)


def answer_errors_as_problems(app: Flask, limits: HttpLimits) -> None:
    """Tell `app` how to answer whatever its routes, or Flask itself, may raise."""

    outages = BoundedLog("outages")

    def unavailable(error: Unavailable) -> Response:
        outages.warning("unavailable", error=told(error), **_asked())
        return problem(
            kinds.UNAVAILABLE,
            _ASK_AGAIN if request.method in {"GET", "HEAD"} else _REPEAT,
            headers={"Retry-After": str(limits.retry_after_s)},
        )

    def body_too_large(_: HTTPException) -> Response:
        return _at_fault(kinds.BODY_TOO_LARGE, "body", f"must be at most {limits.body_max_bytes} bytes")

    app.register_error_handler(Unavailable, unavailable)
    app.register_error_handler(413, body_too_large)
    for raised, answered in _ANSWERED.items():
        app.register_error_handler(raised, answered)


def _at_fault(kind: Kind, field: str, limit: str) -> Response:
    return problem(kind, f"{field} {limit}", field=field, limit=limit)


def invalid_value(error: InvalidValue) -> Response:
    """A field, a parameter or a header is outside its limits."""
    return _at_fault(kinds.INVALID_VALUE, error.field, error.limit)


def _invalid_position(error: InvalidPosition) -> Response:
    field = next((name for name, value in request.args.items() if value == error.position), "position")
    return invalid_value(InvalidValue(field, "must be a position, or a cursor from `next`"))


def _wrong_method(error: HTTPException) -> Response:
    allowed = sorted(error.valid_methods or ()) if isinstance(error, MethodNotAllowed) else []
    methods = ", ".join(allowed)
    detail = f"{request.method} is not possible here; possible: {methods}"
    return problem(kinds.METHOD_NOT_ALLOWED, detail, headers={"Allow": methods}, allowed=allowed)


def _other(error: HTTPException) -> Response:
    """Whatever else Flask may raise; what is our own fault is in the log and not in the answer."""
    if (error.code or 500) >= 500:
        return problem(kinds.INTERNAL_ERROR, "the request could not be answered")
    return problem(kinds.BAD_REQUEST, error.description or error.name)


def _nothing_here() -> str:
    return f"there is nothing at {request.path[:_PATH_CHARS_SHOWN]}; {links.docs()} lists what there is"


_KEY: Final = "Idempotency-Key"
_ANSWERED: Final[Mapping[type[Exception] | int, Callable[[Any], Response]]] = {
    InvalidValue: invalid_value,
    InvalidPosition: _invalid_position,
    IdempotencyKeyReused: lambda error: problem(
        kinds.IDEMPOTENCY_KEY_REUSED, str(error), field=_KEY, limit="must be new for every new request"
    ),
    CheckoutEnded: lambda error: problem(kinds.CHECKOUT_ENDED, str(error), field="checkout_id"),
    CheckoutFailing: lambda error: problem(kinds.CHECKOUT_FAILING, str(error), field="checkout_id"),
    UnknownCheckout: lambda error: not_found("checkout_id", f"there is no checkout {error.checkout_id}"),
    UnknownCall: lambda error: not_found("call_id", str(error)),
    NotInDoubt: lambda error: problem(kinds.NOT_IN_DOUBT, str(error), standing=error.standing),
    DomainError: lambda error: problem(kinds.REFUSED, str(error)),
    BrokenJson: lambda error: problem(kinds.BROKEN_JSON, str(error), field="body", limit="must be JSON"),
    WrongContentType: lambda _: _at_fault(
        kinds.WRONG_CONTENT_TYPE, "Content-Type", "must be application/json"
    ),
    404: lambda _: problem(kinds.NOT_FOUND, _nothing_here()),
    405: _wrong_method,
    HTTPException: _other,
}
"""What is raised, or a status of Flask's own -> how it is answered."""
