"""A checkout to start, read from a file or from standard input."""

from pathlib import Path
from typing import BinaryIO

from adapters.codec import strict_json
from adapters.codec.strict_json import BrokenJson
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
    try:
        return strict_json.read(body, "standard input" if file == STANDARD_INPUT else file)
    except BrokenJson as error:
        raise Ended(ExitCode.REFUSED, str(error)) from error
