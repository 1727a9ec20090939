"""What an answer of an existing service, or of the gateway before it, means. docs/service-calls.md has it
as a table."""

import contextlib
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, TypeVar

import attrs
import httpx
import orjson

from application.ports.existing_services import CallRefused, NotCalled, OutcomeUnknown

REASON_CHARS_MAX: Final = 200
_LATER: Final = frozenset({408, 425, 429})
_MOVED: Final = frozenset({301, 307, 308})
_OF_THE_REQUEST: Final = frozenset({400, 404, 410, 422})
_WORDS: Final = ("error", "detail", "message")

Done = TypeVar("Done")


class NotReached(NotCalled):
    """No connection: nobody heard of the call."""


@attrs.frozen
class ComeBack(NotCalled):
    """It was turned away for now; `after_s` seconds is when to come back, if it was said."""

    what: str
    after_s: float | None = None
    fault: bool = True
    """Whether the service is in trouble; a limit that we have used up is none."""
    bare: str | None = None

    def __str__(self) -> str:
        return self.what


@attrs.frozen
class Misconfigured(NotCalled):
    """It was turned away, and will be until somebody changes a setting: the key, the URL, the routes."""

    what: str
    bare: str | None = None

    def __str__(self) -> str:
        return self.what


class NotUnderstood(Exception):
    """An answer that says it is done, and not in the words that were agreed on."""


@attrs.frozen(kw_only=True)
class Heard:
    """An answer. `body` is None where it is longer than allowed, or packed."""

    status: int
    body: bytes | None
    retry_after: str | None = None

    def json(self) -> Mapping[str, Any]:
        """Its body, if it is a JSON object; else an empty one."""
        with contextlib.suppress(orjson.JSONDecodeError):
            read = orjson.loads(self.body or b"")
            return read if isinstance(read, dict) else {}
        return {}


def trouble(error: httpx.TransportError) -> NotReached | OutcomeUnknown:
    """What it means that there was no answer, or half of one."""
    said = f"{type(error).__name__}: {plain(str(error))}" if str(error) else type(error).__name__
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return NotReached(said)
    return OutcomeUnknown(said, bare=type(error).__name__)


def meaning(heard: Heard, done: Callable[[Mapping[str, Any]], Done]) -> Done:
    """What `done` reads from an answer that it is done.

    Raises:
        CallRefused: in the service's own words.
        ComeBack, Misconfigured: both `NotCalled`.
        OutcomeUnknown: anything else.
    """
    status = heard.status
    if status in {HTTPStatus.OK, HTTPStatus.CREATED}:
        return _done(heard, done)
    if status in _LATER or (status == HTTPStatus.SERVICE_UNAVAILABLE and heard.retry_after is not None):
        fault = status != HTTPStatus.TOO_MANY_REQUESTS
        raise ComeBack(_said(heard), _seconds(heard.retry_after), fault, _bare(heard))
    if status in _OF_THE_REQUEST and (words := _words(heard)):
        raise CallRefused(words)
    if status in _MOVED or (400 <= status < 500 and status != HTTPStatus.CONFLICT):
        raise Misconfigured(_said(heard), _bare(heard))
    raise OutcomeUnknown(_said(heard), _bare(heard))


def plain(text: str) -> str:
    """`text` as it may be logged and shown: one line, printable, not long."""
    printable = "".join(char if char.isprintable() else " " for char in text[: 4 * REASON_CHARS_MAX])
    return " ".join(printable.split())[:REASON_CHARS_MAX]


def _done(heard: Heard, done: Callable[[Mapping[str, Any]], Done]) -> Done:
    try:
        return done(heard.json())
    except NotUnderstood as error:
        raise OutcomeUnknown(f"{heard.status}, and {error}") from error


def _words(heard: Heard) -> str:
    """Why a service says no; empty where it is not the service that speaks."""
    body = heard.json()
    if heard.status == HTTPStatus.NOT_FOUND and "error" not in body:
        return ""  # no such route: the gateway's JSON, or a page
    words = [body[name] for name in _WORDS if isinstance(body.get(name), str)]
    return plain(words[0] if words else orjson.dumps(body).decode() if body else "")


def _said(heard: Heard) -> str:
    words = [value for name in _WORDS if isinstance(value := heard.json().get(name), str)]
    return plain(f"{heard.status} {words[0] if words else ''}")


def _bare(heard: Heard) -> str:
    return f"it answered {heard.status}"


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After as seconds; a date counts as not said."""
    return float(retry_after) if retry_after and retry_after.isdecimal() else None
