"""How trouble ends a command: an exit code, and one line for the person who typed it."""

import contextlib
import io
import os
import sys
import traceback
from collections.abc import Iterator, Mapping

import attrs

from application.ports.errors import InvalidPosition, Unavailable
from domain.errors import DomainError, InvalidValue
from entrypoints.commands.wording import plain
from entrypoints.exit_codes import ExitCode
from entrypoints.settings import SettingsError
from entrypoints.start_refused import StartRefused

LINE_CHARS_MAX = 2_000


@attrs.frozen
class Ended(Exception):
    """A command ends here, with this code and this line on stderr."""

    code: ExitCode
    line: str

    def __str__(self) -> str:
        return self.line


def not_found(what: str) -> Ended:
    """There is no such thing."""
    return Ended(ExitCode.NOT_FOUND, f"there is no {what}")


def tell(error: Exception) -> ExitCode:
    """Say on stderr what went wrong: one line, or the traceback of a bug. The exit code."""
    ending = ending_of(error)
    if ending is None:
        _tell_bug(error)
        return ExitCode.BUG
    print(f"comptoir: {ending}", file=sys.stderr)  # noqa: T201 - for people, and not a log line
    return ending.code


def forget_output() -> None:
    """Let the interpreter flush into nothing, for nobody reads any more."""
    with contextlib.suppress(OSError, ValueError, io.UnsupportedOperation):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell_bug(error: Exception) -> None:
    """In the log, where the process has one."""
    structlog = sys.modules.get("structlog")
    if structlog and structlog.is_configured():
        structlog.get_logger().critical("process failed", exc_info=error)
    else:
        traceback.print_exception(error)


def ending_of(error: Exception) -> Ended | None:
    """What `error` means to the caller; None where it is a bug."""
    match error:
        case Ended():
            return Ended(error.code, _line(error))
        case SettingsError() | StartRefused():
            return Ended(ExitCode.USAGE, _line(error))
        case DomainError():
            return Ended(ExitCode.REFUSED, _line(error))
        case Unavailable():
            return Ended(ExitCode.AWAY, f"the server does not answer: {_line(error)}")
        case _:
            return None


@contextlib.contextmanager
def position_given_as(option: str, form: str = "a position, or a cursor from `next`") -> Iterator[None]:
    """Name the option where what it gave turns out to be no position."""
    try:
        yield
    except InvalidPosition as error:
        raise InvalidValue(option, f"must be {form}; {error}") from error


@contextlib.contextmanager
def given_as(names: Mapping[str, str]) -> Iterator[None]:
    """Name the option or argument that gave a field where its value breaks a rule."""
    try:
        yield
    except InvalidValue as error:
        raise InvalidValue(names.get(error.field, error.field), error.limit) from error


def _line(error: Exception) -> str:
    said = " ".join([str(error), *getattr(error, "__notes__", ())])
    return plain(" ".join(said.split()), chars_max=LINE_CHARS_MAX)
