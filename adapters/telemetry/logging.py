"""Structured logs: how they look."""

import json
import logging
import sys
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Final, Literal, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor

from adapters.telemetry.told_errors import formatted, render
from application.events.origin import Origin

_FIRST: Final = ("timestamp", "level", "process", "event")

LogFormat = Literal["auto", "json", "console"]

IN_REQUEST: Final[ContextVar[tuple[str, Origin] | None]] = ContextVar("in request", default=None)
"""The correlation id and the origin of the request that is worked on, which every line then names."""


def configure_logging(
    level: str,
    format: str,  # noqa: A002 - the word for it, as in LOG_FORMAT
    stream: TextIO | None = None,
    process: str | None = None,
) -> None:
    """Make structlog and the standard library log to `stream` (stderr), alike, from `level` on. Every line
    says that it is from `process`, if that is given.

    `auto` is for people where `stream` is a terminal, one JSON object a line elsewhere. Times are ISO 8601
    in UTC, exceptions are text. To be called once, by whoever owns the process.
    """
    stream = stream or sys.stderr
    for_people = format == "console" or (format == "auto" and stream.isatty())
    shared: list[Processor] = [
        _from(process),
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
    for chatty in ("httpx", "httpcore", "werkzeug"):  # a line a request, with a URL that may hold anything
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _from(process: str | None) -> Processor:
    def named(_logger: object, _method: str, line: EventDict) -> EventDict:
        if process:
            line.setdefault("process", process)
        return line

    return named


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
    return [structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=render)]


def _for_programs() -> list[Processor]:
    render_exception = structlog.processors.ExceptionRenderer(formatted)
    return [render_exception, _in_order, structlog.processors.JSONRenderer(serializer=_to_json)]


def _in_order(_logger: object, _method: str, line: EventDict) -> EventDict:
    """What an eye looks for first, first."""
    return {name: line.pop(name) for name in _FIRST if name in line} | dict(line)


def _to_json(line: Any, default: Callable[[Any], Any]) -> str:
    try:
        return orjson.dumps(line, default=default).decode()
    except TypeError:  # half a surrogate pair, an integer beyond 64 bits, a key that is no text
        return json.dumps(line, default=default, skipkeys=True)
