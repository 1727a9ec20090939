"""The log of a process, as its lines."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from adapters.telemetry.logging import configure_logging

Lines = Callable[[], list[dict[str, Any]]]


@contextmanager
def logged(stream: io.StringIO | None = None, process: str | None = None) -> Iterator[Lines]:
    """Logging is configured meanwhile, as JSON at `info`; the lines so far, one object each."""
    stream = stream or io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logging("info", "json", stream, process)
    try:
        yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
