"""`comptoir verify`: whether what is kept agrees, after a restore and on any day."""

from typing import Annotated, Final

import attrs
from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import RenderableType
from rich.text import Text

from adapters.audit.files_seen import NothingToVerify
from adapters.audit.newest_lines import newest_lines
from application.ports.positions import parse, recorded_at_s
from application.verify.verdict import Check, Verdict
from application.verify.verifier import BEGINNING, Audited
from entrypoints.commands.endings import Ended, position_given_as
from entrypoints.commands.look import above, note, table
from entrypoints.commands.parameters import Json
from entrypoints.commands.session import Here, Session
from entrypoints.commands.wording import count_of, date_and_time, plain
from entrypoints.exit_codes import ExitCode

COUNT_DEFAULT: Final = 100_000
COUNT_MAX: Final = 10_000_000
SHOWN_MAX: Final = 20  # findings on a screen; --json has more

_CHECKS: Final[dict[Check, str]] = {
    "groups": "each is within the stream, with its checkpoint and what is pending",
    "histories": "each checkout's versions have no gap, and are what is noted beside the stream",
    "stock": "each product's counters are what its movements add up to",
    "read model": "each order and failure is shown as replay says",
    "audit trail": "each line is on the stream, and each event that was audited has one",
}

Count = Annotated[
    int,
    Parameter(
        name="--count",
        validator=Number(gte=1, lte=COUNT_MAX),
        help="Newest entries of each stream, and lines of the audit trail, to look at.",
    ),
]
GoneUntil = Annotated[
    str,
    Parameter(
        name="--gone-until",
        show_default=False,
        help="Positions of the audit trail up to this one may be gone: what an earlier restore has lost.",
    ),
]


def verify(
    *, count: Count = COUNT_DEFAULT, gone_until: GoneUntil = BEGINNING, json: Json = False, here: Here
) -> int:
    """See whether streams, groups, stock, read model and audit trail agree. It only reads; traffic may go on.

    Ends with 0 where they do, with 1 where they do not.
    """
    with position_given_as("--gone-until", "a position"):
        parse(gone_until)
    audited = _audited(here, count)
    verdict = here.shop.verifier().verify(count=count, audited=audited, gone_until=gone_until)
    here.answer(_wire(verdict, audited), lambda: _view(verdict, audited, here), as_json=json)
    return ExitCode.FINE if verdict.agrees else ExitCode.REFUSED


def _audited(here: Session, count: int) -> Audited | None:
    try:
        return newest_lines(here.settings.audit_directory, count)
    except NothingToVerify:
        return None
    except OSError as error:
        raise Ended(ExitCode.AWAY, f"the audit trail cannot be read: {error}") from error


def _wire(verdict: Verdict, audited: Audited | None) -> dict[str, object]:
    return {"agrees": verdict.agrees, "audit_trail_here": audited is not None, **attrs.asdict(verdict)}


def _view(verdict: Verdict, audited: Audited | None, here: Session) -> RenderableType:
    made = table("", "check", "looked at", "what must hold", right=("looked at",), whole=("check",))
    for check, what in _CHECKS.items():
        if check == "audit trail" and audited is None:
            made.add_row(Text("-", "dim"), check, "", f"no trail in {here.settings.audit_directory}")
            continue
        mark = Text("✗", "red") if verdict.of(check) else Text("✓", "green")
        made.add_row(mark, check, f"{verdict.looked_at.get(check, 0):,}", what)
    left_out = None if verdict.whole else note("older entries were left out: --count looks at more")
    return above(_said(verdict), made, _findings(verdict), _gone(verdict, here), left_out)


def _said(verdict: Verdict) -> Text:
    still = f"; {count_of(verdict.open_checkouts, 'checkout')} open" if verdict.open_checkouts else ""
    if verdict.agrees:
        return Text(f"✓ everything agrees{still}", "green")
    found = count_of(len(verdict.findings) + verdict.findings_more, "finding")
    return Text(f"✗ {found}{still}", "red")


def _findings(verdict: Verdict) -> RenderableType | None:
    if not verdict.findings:
        return None
    made = table("check", "where", "what is wrong", whole=("check",))
    for finding in verdict.findings[:SHOWN_MAX]:
        made.add_row(Text(finding.check, "red"), Text(plain(finding.where), "cyan"), plain(finding.what))
    more = len(verdict.findings) - SHOWN_MAX + verdict.findings_more
    return above(made, note(f"and {more:,} more")) if more > 0 else made


def _gone(verdict: Verdict, here: Session) -> RenderableType | None:
    if not verdict.gone:
        return None
    first, last = verdict.gone[0], verdict.gone[-1]
    at_s = recorded_at_s(last)
    said = (
        f"{count_of(len(verdict.gone), 'audited position')} gone, {first} to {last} ({date_and_time(at_s)})"
    )
    if at_s > here.now_s():
        return note(
            f"{said}; that is yet to come by this clock: do not start before, they could be given anew"
        )
    return note(f"{said}; once you know why: comptoir verify --gone-until {last}")
