"""How every command ends, as a number that scripts can use. This is the one list; `--help` shows it."""

from enum import IntEnum
from typing import Final


class ExitCode(IntEnum):
    """The last three are what a shell expects: a bug, Ctrl-C, a reader such as `head` that has gone."""

    FINE = 0
    REFUSED = 1
    USAGE = 2
    AWAY = 3
    FAILED = 4
    OPEN = 5
    NOT_FOUND = 6
    BUG = 70
    INTERRUPTED = 130
    CUT_OFF = 141


MEANINGS: Final = {
    ExitCode.FINE: "fine",
    ExitCode.REFUSED: "refused by a rule, named with its limit; or what is kept does not agree",
    ExitCode.USAGE: "wrong usage, or a setting out of its range",
    ExitCode.AWAY: "nothing runs, or the server does not answer",
    ExitCode.FAILED: "the checkout that was followed has failed",
    ExitCode.OPEN: "the checkout that was followed had not ended in time",
    ExitCode.NOT_FOUND: "there is nothing by that name",
    ExitCode.BUG: "a bug, with its traceback",
    ExitCode.INTERRUPTED: "interrupted with Ctrl-C",
    ExitCode.CUT_OFF: "whoever read the output has gone",
}

HINT: Final = "Exit codes: comptoir --help"


def as_text() -> str:
    """The list, one code a line."""
    return "\n".join(["Exit codes:", *(f"  {code:>3}  {meaning}" for code, meaning in MEANINGS.items())])
