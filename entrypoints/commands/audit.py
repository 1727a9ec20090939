"""`comptoir audit`: whether the audit trail is as it was written, where it ends, and where old files go."""

import contextlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import attrs
from cyclopts import App, Parameter
from rich.console import RenderableType
from rich.text import Text

from adapters.audit.files_seen import NothingToVerify, files_seen
from adapters.audit.put_away import put_away
from adapters.audit.seal import KeyFileError, is_keyed, read_seals
from adapters.audit.verified import Finding, LinePlace, Verified
from adapters.audit.verify import KeyNeeded, head_of
from adapters.audit.verify import verify as verify_trail
from domain.errors import InvalidValue
from entrypoints import exit_codes
from entrypoints.commands.endings import Ended, not_found
from entrypoints.commands.look import above, note, sentence, table, titled
from entrypoints.commands.parameters import Json
from entrypoints.commands.session import Here
from entrypoints.commands.wording import count_of, plain
from entrypoints.exit_codes import ExitCode

app = App(
    name="audit",
    help="See whether the audit trail is as it was written, where it ends, and put old files away.",
    help_epilogue=exit_codes.HINT,
)

HASH_DIGITS = 64
WHAT_CHARS_MAX = 400

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
    here.answer(_wire(directory, verified), lambda: _view(directory, verified), as_json=json)
    return ExitCode.FINE if verified.intact else ExitCode.REFUSED


@app.command
def head(directory: Directory = None, /, *, json: Json = False, here: Here) -> None:
    """Show the last line's number and hash, to be noted where the trail's keeper cannot reach."""
    directory = directory or here.settings.audit_directory
    with _trouble_told():
        last = head_of(directory)
    here.answer(attrs.asdict(last), lambda: _end_of(directory, last), as_json=json)


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
    here.answer({"moved": moved, "first": first}, lambda: _moved(moved, to, first), as_json=json)


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


def _moved(moved: Sequence[str], to: Path, first: str) -> RenderableType:
    if not moved:
        return note("no closed file is that old, and the newest is never moved")
    said = sentence(f"{count_of(len(moved), 'file')} moved to ", (plain(to), "cyan"))
    return above(said, note(f"verify what is left with: comptoir audit verify --from {first}"))


def _wire(directory: Path, verified: Verified) -> dict[str, object]:
    return {"intact": verified.intact, "directory": str(directory), **attrs.asdict(verified)}


def _view(directory: Path, verified: Verified) -> RenderableType:
    more = note(f"and {verified.findings_more:,} more") if verified.findings_more else None
    return above(titled(_verdict(verified), _facts(directory, verified)), _findings(verified.findings), more)


def _verdict(verified: Verified) -> Text:
    if verified.intact:
        return Text("✓ the audit trail is intact", "green")
    found = count_of(len(verified.findings) + verified.findings_more, "finding")
    return Text(f"✗ the audit trail is broken: {found}", "red")


def _facts(directory: Path, verified: Verified) -> list[tuple[str, RenderableType]]:
    facts: list[tuple[str, RenderableType]] = [
        ("directory", Text(str(directory))),
        ("files", f"{verified.files:,}"),
        ("lines", f"{verified.lines:,}"),
    ]
    if verified.unsealed_files:
        facts.append(
            ("not sealed", f"{count_of(verified.unsealed_files, 'older file')}; nothing can be said")
        )
    if verified.method:
        keyed = is_keyed(verified.method)
        remark = "" if keyed else "; without a key, whoever can write the files can make them fit"
        facts.append(("sealed with", Text(f"{verified.method}{remark}")))
    facts += [(name, _place(at)) for name, at in (("first", verified.first), ("last", verified.last)) if at]
    if verified.last:
        facts.append(("head", Text(verified.last.hash, "cyan")))
    if verified.noted and verified.last:
        since = verified.last.number - verified.noted.number
        facts.append(("noted head", f"found; {count_of(since, 'line')} since"))
    return facts


def _findings(findings: list[Finding]) -> RenderableType | None:
    if not findings:
        return None
    made = table("file", "line", "what is wrong", right=("line",), whole=("file",))
    for finding in findings:
        kind = Text.assemble((finding.kind, "red"), f": {plain(finding.what, chars_max=WHAT_CHARS_MAX)}")
        made.add_row(Text(finding.file, "cyan"), str(finding.line), kind)
    return made


def _end_of(directory: Path, last: LinePlace) -> RenderableType:
    facts: list[tuple[str, RenderableType]] = [
        ("number", str(last.number)),
        ("position", Text(plain(last.position))),
        ("file", Text(f"{last.file}, line {last.line}")),
        ("hash", Text(last.hash, "cyan")),
    ]
    return titled(Text.assemble(("audit trail ", "bold"), (str(directory), "bold cyan")), facts)


def _place(line: LinePlace) -> Text:
    return Text(f"number {line.number} at {plain(line.position)}, {line.file}:{line.line}")
