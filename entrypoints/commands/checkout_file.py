"""A checkout to start, read from a file or from standard input."""

import json
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from domain.errors import InvalidValue
from entrypoints.commands.endings import Ended
from entrypoints.exit_codes import ExitCode

STANDARD_INPUT = "-"


def read_body(file: str, *, stdin: BinaryIO, bytes_max: int) -> object:
    """The JSON in `file`, with every decimal as it was written.

    Raises:
        Ended: it cannot be read, or is not JSON.
        InvalidValue: it is too long, or names a field twice.
    """
    if file.startswith("-") and file != STANDARD_INPUT:
        raise Ended(ExitCode.USAGE, f"Unknown option: {file}.")
    try:
        if file == STANDARD_INPUT:
            body = stdin.read(bytes_max + 1)
        else:
            with Path(file).open("rb") as opened:
                body = opened.read(bytes_max + 1)
    except OSError as error:
        raise Ended(ExitCode.USAGE, f"{file} cannot be read: {error.strerror}") from error
    if len(body) > bytes_max:
        raise InvalidValue("the checkout", f"must be at most {bytes_max} bytes long (BODY_MAX_BYTES)")
    return _parsed(body, "standard input" if file == STANDARD_INPUT else file)


def _parsed(body: bytes, source: str) -> object:
    try:
        # The strict reader judges (UTF-8, no NaN, no half characters), the other one keeps decimals.
        orjson.loads(body)
        return json.loads(body, parse_float=Decimal, object_pairs_hook=_each_once)
    except (orjson.JSONDecodeError, InvalidOperation, RecursionError) as error:
        raise Ended(ExitCode.REFUSED, f"{source} is not JSON: {error}") from error


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise InvalidValue(next(name for name in names if names.count(name) > 1), "must be given once")
    return found
