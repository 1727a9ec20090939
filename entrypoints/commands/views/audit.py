"""What is shown of the audit trail."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from adapters.audit.seal import is_keyed
from adapters.audit.verified import Finding, LinePlace, Verified
from entrypoints.commands.look import above, note, sentence, table, titled
from entrypoints.commands.wording import count_of, plain

WHAT_CHARS_MAX = 400


def moved(moved: Sequence[str], to: Path, first: str) -> RenderableType:
    if not moved:
        return note("no closed file is that old, and the newest is never moved")
    said = sentence(f"{count_of(len(moved), 'file')} moved to ", (plain(to), "cyan"))
    return above(said, note(f"verify what is left with: comptoir audit verify --from {first}"))


def outcome(directory: Path, verified: Verified) -> RenderableType:
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


def end_of(directory: Path, last: LinePlace) -> RenderableType:
    facts: list[tuple[str, RenderableType]] = [
        ("number", str(last.number)),
        ("position", Text(plain(last.position))),
        ("file", Text(f"{last.file}, line {last.line}")),
        ("hash", Text(last.hash, "cyan")),
    ]
    return titled(Text.assemble(("audit trail ", "bold"), (str(directory), "bold cyan")), facts)


def _place(line: LinePlace) -> Text:
    return Text(f"number {line.number} at {plain(line.position)}, {line.file}:{line.line}")
