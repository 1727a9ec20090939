"""Who asks for something that only a person decides, and why."""

import contextlib
import getpass
from collections.abc import Iterator
from typing import Annotated

from cyclopts import Parameter

from application.ports.errors import Unavailable
from entrypoints.commands.session import Session

ACTOR_DEFAULT = "cli"

Actor = Annotated[
    str | None,
    Parameter(name="--actor", show_default=False, help="Who asks for it; the login name by default."),
]
Reason = Annotated[str, Parameter(name="--reason", help="Why; it is kept with what is done.")]


def actor_of(here: Session, given: str | None) -> str:
    """Who asks: as given, or whoever is logged in."""
    if given is not None:
        return given.strip()
    return here.environment.get("LOGNAME") or here.environment.get("USER") or _login_name()


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ACTOR_DEFAULT  # a container's user may have no name


@contextlib.contextmanager
def outcome_unknown_if_away() -> Iterator[None]:
    """Say what to do where it is not known whether anything was written."""
    try:
        yield
    except Unavailable as error:
        error.add_note("(whether anything was written is not known; look, then ask again)")
        raise
