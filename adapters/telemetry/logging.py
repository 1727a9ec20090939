"""Structured logs: how they look, and telemetry as log lines."""

import contextlib
import json
import logging
import sys
import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any, Final, Literal, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor

from application.delivery import Delivery
from application.origin import NO_ORIGIN, Origin
from application.ports.errors import PortError
from application.ports.event_bus import Backlog, DeadLetter, Subscription
from application.ports.event_store import Outcome
from application.ports.telemetry import Telemetry
from application.streams import Event
from domain.errors import DomainError

LogFormat = Literal["auto", "json", "console"]

IN_REQUEST: Final[ContextVar[tuple[str, Origin] | None]] = ContextVar("in request", default=None)
"""The correlation id and the origin of the request that is worked on, which every line then names."""

INTERRUPTION_LINES_INTERVAL_S: Final = 1.0
_TEXT_CHARS_MAX: Final = 128  # of what another program made up


def configure_logging(
    level: str,
    format: str,  # noqa: A002 - the word for it, as in LOG_FORMAT
    stream: TextIO | None = None,
) -> None:
    """Make structlog and the standard library log to `stream` (stderr), alike, from `level` on.

    `auto` is for people where `stream` is a terminal, one JSON object a line elsewhere. Times are ISO 8601
    in UTC, exceptions are text. To be called once, by whoever owns the process.
    """
    stream = stream or sys.stderr
    for_people = format == "console" or (format == "auto" and stream.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _with_request,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    rendering = _for_people(colors=stream.isatty()) if for_people else _for_programs()
    structlog.configure(
        processors=[*shared, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)


def request_fields() -> dict[str, str]:
    """What a line says of the request that is worked on; nothing where there is none."""
    found = IN_REQUEST.get()
    if found is None:
        return {}
    correlation_id, origin = found
    return origin.log_fields | {"correlation_id": correlation_id}


def _with_request(_logger: object, _method: str, line: EventDict) -> EventDict:
    return {**request_fields(), **line}


def _for_people(*, colors: bool) -> list[Processor]:
    return [structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=structlog.dev.plain_traceback)]


def _for_programs() -> list[Processor]:
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_to_json)]


def _to_json(line: Any, default: Callable[[Any], Any]) -> str:
    try:
        return orjson.dumps(line, default=default).decode()
    except TypeError:  # half a surrogate pair, an integer beyond 64 bits, a key that is no text
        return json.dumps(line, default=default, skipkeys=True)


class LoggingTelemetry(Telemetry):
    """Says what went wrong. What went well is for counting, not for reading: it leaves no line."""

    def __init__(self, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._log = structlog.get_logger()
        self._monotonic_s = monotonic_s
        self._interruption_told_s: float | None = None
        self._interruptions_untold = 0

    def published(self, stream: str, events: Sequence[Event]) -> None:
        """Nothing to say."""

    def appended(self, stream: str, outcomes: Sequence[Outcome]) -> None:
        """Nothing to say."""

    def consumed(self, subscription: Subscription, deliveries: Sequence[Delivery]) -> None:
        """Nothing to say."""

    def failed(self, subscription: Subscription, delivery: Delivery, error: Exception) -> None:
        """A warning, with the traceback of what nobody foresaw."""
        expected = isinstance(error, DomainError | PortError)
        self._say(
            logging.WARNING,
            "attempt failed",
            **_whereabouts(subscription, delivery),
            error=_text(error),
            exc_info=None if expected else error,
        )

    def dead_lettered(self, subscription: Subscription, delivery: Delivery, why: DeadLetter) -> None:
        """An error: somebody has to look at it."""
        said = {"attempts": why.attempts, "first_error": why.first_error, "last_error": why.last_error}
        if why.traceback:
            said["exception"] = why.traceback
        self._say(
            logging.ERROR,
            "delivery set aside",
            **_whereabouts(subscription, delivery),
            reason=why.reason,
            **said,
        )

    def interrupted(self, subscription: Subscription, error: Exception) -> None:
        """A warning, at most one a second; the next one says how many were left out."""
        now_s = self._monotonic_s()
        told_s = self._interruption_told_s
        if told_s is not None and now_s - told_s < INTERRUPTION_LINES_INTERVAL_S:
            self._interruptions_untold += 1
            return
        self._say(
            logging.WARNING,
            "worker interrupted",
            stream=subscription.stream,
            group=subscription.group,
            consumer=subscription.consumer,
            error=_text(error),
            untold=self._interruptions_untold,
        )
        self._interruption_told_s = now_s
        self._interruptions_untold = 0

    def backlog(self, subscription: Subscription, backlog: Backlog) -> None:
        """Nothing to say."""

    def _say(self, level: int, event: str, **said: object) -> None:
        with contextlib.suppress(OSError, ValueError):  # a log that is full or closed stops no worker
            self._log.log(level, event, **said)


def _whereabouts(subscription: Subscription, delivery: Delivery) -> dict[str, object]:
    checkout_id, origin = _about(delivery)
    return {
        "checkout_id": checkout_id,
        "stream": subscription.stream,
        "group": subscription.group,
        "consumer": subscription.consumer,
        "position": delivery.position,
        "type": delivery.type[:_TEXT_CHARS_MAX],
        "attempt": delivery.attempt,
        **origin.log_fields,
    }


def _about(delivery: Delivery) -> tuple[str | None, Origin]:
    """Looked up, not opened: to open the event of another program may be a round trip to the store."""
    try:
        entry = delivery.look()
    except Exception:  # noqa: BLE001 - what cannot even be looked at has to be logged all the same
        return None, NO_ORIGIN
    checkout_id = (entry.checkout_id or "")[:_TEXT_CHARS_MAX] or None
    return checkout_id, Origin.of(entry.traceparent, entry.correlation_id)


def _text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
