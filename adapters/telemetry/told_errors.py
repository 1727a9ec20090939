"""What a log says of an error: never what somebody sent. The message of an error that nobody foresaw may
quote it, so there its kind and the place must do."""

import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import TextIO

from application.ports.errors import PortError
from domain.errors import DomainError

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def is_foreseen(error: BaseException) -> bool:
    """Whether its message is ours: it names fields and limits."""
    return isinstance(error, DomainError | PortError)


def told(error: BaseException) -> str:
    """Its kind, and its message as far as that is known to hold nothing of anybody's."""
    kind, said = type(error).__name__, ""
    if isinstance(error, PortError):
        said = error.for_log
    elif isinstance(error, DomainError):
        said = str(error)
    elif isinstance(error, OSError):
        said = error.strerror or ""
    return f"{kind}: {said}" if said else kind


def traceback_of(error: BaseException) -> str:
    """Where it was raised, and what it was raised from, each as `told`."""
    return "\n\n".join(map(_raised, reversed(list(_chain(error)))))


def render(_stream: TextIO, exc_info: ExcInfo) -> None:
    """For structlog's console."""
    _stream.write("\n" + traceback_of(exc_info[1]))


def formatted(exc_info: ExcInfo) -> str:
    """For structlog's JSON."""
    return traceback_of(exc_info[1])


def _raised(error: BaseException) -> str:
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"Traceback (most recent call last):\n{frames}{told(error)}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
