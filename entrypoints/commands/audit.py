"""`comptoir audit`: whether the audit trail is as it was written, where it ends, and where old files go."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import attrs
from cyclopts import App, Parameter

from adapters.audit.files_seen import NothingToVerify, files_seen
from adapters.audit.put_away import put_away
from adapters.audit.seal import KeyFileError, KeyNeeded, read_seals
from adapters.audit.verified import Verified
from adapters.audit.verify import head_of
from adapters.audit.verify import verify as verify_trail
from domain.errors import InvalidValue
from entrypoints import exit_codes
from entrypoints.commands.endings import Ended, not_found
from entrypoints.commands.parameters import Json
from entrypoints.commands.session import Here
from entrypoints.commands.views import audit as views
from entrypoints.exit_codes import ExitCode

app = App(
    name="audit",
    help="See whether the audit trail is as it was written, where it ends, and put old files away.",
    help_epilogue=exit_codes.HINT,
)

HASH_DIGITS = 64

_is_day = re.compile(r"\d{4}-\d\d-\d\d").fullmatch

Directory = Annotated[
    Path | None, Parameter(name="DIR", help="Where the trail is; AUDIT_DIR by default.", show_default=False)
]
From = Annotated[
    str | None, Parameter(name="--from", help="Start at this file, where those before it were moved away.")
]
To = Annotated[Path, Parameter(name="TO", help="Directory to move them to.")]
Before = Annotated[
    str, Parameter(name="--before", help="Files of days before this one (UTC): 2026-11-01. Never the newest.")
]
ExpectHead = Annotated[
    str | None,
    Parameter(name="--expect-head", help="Hash of a line, noted earlier: it must still be there."),
]


@app.command
def verify(
    directory: Directory = None,
    /,
    *,
    start: From = None,
    expect_head: ExpectHead = None,
    json: Json = False,
    here: Here,
) -> int:
    """Check every line. Ends with 0 where all is as it was written, with 1 where it is not.

    Workers may go on writing. What was cut off at the end is found with --expect-head only.
    """
    noted = None if expect_head is None else _hash(expect_head)
    directory = directory or here.settings.audit_directory
    with _trouble_told():
        seals = read_seals(here.settings.audit_key_file)
        verified = verify_trail(directory, seals, start=start and Path(start).name, noted_hash=noted)
    here.answer(_wire(directory, verified), lambda: views.outcome(directory, verified), as_json=json)
    return ExitCode.FINE if verified.intact else ExitCode.REFUSED


@app.command
def head(directory: Directory = None, /, *, json: Json = False, here: Here) -> None:
    """Show the last line's number and hash, to be noted where the trail's keeper cannot reach."""
    directory = directory or here.settings.audit_directory
    with _trouble_told():
        last = head_of(directory)
    here.answer(attrs.asdict(last), lambda: views.end_of(directory, last), as_json=json)


@app.command
def archive(to: To, /, *, before: Before, json: Json = False, here: Here) -> None:
    """Move closed files elsewhere. Which entries they hold stays known, so that none is kept twice."""
    directory = here.settings.audit_directory
    if not _is_day(before):
        raise InvalidValue("--before", "must be a UTC day: 2026-11-01")
    if not to.is_dir():
        raise Ended(ExitCode.USAGE, f"{to} is no directory")
    with _trouble_told():
        seal, *_ = read_seals(here.settings.audit_key_file)
        moved = put_away(directory, to, seal, before_day=before)
        first = files_seen(directory, None)[0].name
    here.answer({"moved": moved, "first": first}, lambda: views.moved(moved, to, first), as_json=json)


def _hash(text: str) -> str:
    if len(text) != HASH_DIGITS or not set(text.lower()) <= set("0123456789abcdef"):
        raise InvalidValue("--expect-head", f"must be {HASH_DIGITS} hexadecimal digits")
    return text.lower()


@contextlib.contextmanager
def _trouble_told() -> Iterator[None]:
    try:
        yield
    except NothingToVerify as error:
        raise not_found(str(error)) from error
    except KeyNeeded as error:
        raise Ended(
            ExitCode.USAGE, f"the trail is sealed with {error.method}: name the key's file in AUDIT_KEY_FILE"
        ) from error
    except KeyFileError as error:
        raise Ended(ExitCode.USAGE, f"AUDIT_KEY_FILE {error}") from error
    except OSError as error:
        raise Ended(ExitCode.AWAY, f"the audit trail cannot be read or moved: {error}") from error


def _wire(directory: Path, verified: Verified) -> dict[str, object]:
    return {"intact": verified.intact, "directory": str(directory), **attrs.asdict(verified)}
