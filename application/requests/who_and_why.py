"""Whoever decides about something says who and why; how long either may be."""

from typing import Final

from domain.errors import InvalidValue

ACTOR_CHARS_MAX: Final = 100
REASON_CHARS_MAX: Final = 500


def check_said(actor: str, reason: str, *, reason_needed: bool = True) -> None:
    """That there is somebody, and a reason where one is needed: blanks are nobody and none.

    Raises:
        InvalidValue: an actor or a reason outside its limits.
    """
    if not actor.strip() or len(actor) > ACTOR_CHARS_MAX:
        raise InvalidValue("actor", f"must be 1 to {ACTOR_CHARS_MAX} characters")
    if (reason_needed and not reason.strip()) or len(reason) > REASON_CHARS_MAX:
        low = 1 if reason_needed else 0
        raise InvalidValue("reason", f"must be {low} to {REASON_CHARS_MAX} characters")
