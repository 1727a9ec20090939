"""Deliveries that were set aside, until an operator decides."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, Protocol

import attrs

State = Literal["open", "redriven", "discarded"]
Redrive = Literal["redriven", "already decided", "unknown", "entry gone"]

REDRIVER: Final = "redriven by an operator"
"""A consumer that never is, as names of real ones have no blanks: it holds what an operator handed to a group
again, until one of its workers takes it over."""


@attrs.frozen(kw_only=True)
class Decision:
    """Who decided what became of a dead letter, why, when (epoch seconds), and in which request."""

    actor: str
    reason: str
    at_s: float
    correlation_id: str | None = None


@attrs.frozen(kw_only=True)
class KeptDelivery:
    """A dead letter: the delivery of `position` that `group` could not deal with, and what was tried.

    `original` is the entry's fields as text, cut where they are very long; the stream has the whole.
    """

    id: str
    group: str
    position: str
    type: str
    checkout_id: str | None
    attempts: int
    reason: str
    first_error: str
    last_error: str
    traceback: str
    original: Mapping[str, str]
    set_aside_at_s: float
    state: State = "open"
    decision: Decision | None = None


@attrs.frozen(kw_only=True)
class Wanted:
    """Which dead letters: all that fit every given part; `reason` fits anywhere in the reason."""

    group: str | None = None
    type: str | None = None
    reason: str | None = None
    checkout_id: str | None = None
    state: State | None = "open"

    def fits(self, kept: KeptDelivery) -> bool:
        return (
            self.group in (None, kept.group)
            and self.type in (None, kept.type)
            and self.checkout_id in (None, kept.checkout_id)
            and self.state in (None, kept.state)
            and (self.reason is None or self.reason in kept.reason)
        )


class DeadLetterReader(Protocol):
    """The reading half.

    Every method raises:
        Unavailable: no answer; ask again later.
    """

    def page(
        self, stream: str, wanted: Wanted, *, count: int, after: str | None = None
    ) -> tuple[list[KeptDelivery], str | None]:
        """At most `count` of those wanted that follow the cursor `after`, oldest first, and the cursor
        for more (None at the end). A page may hold fewer although there is a cursor.

        Raises:
            InvalidPosition: `after` is no cursor.
        """

    def get(self, stream: str, id: str) -> KeptDelivery | None:
        """One dead letter; None where there is none with this id."""

    def of_deliveries(self, stream: str, places: Sequence[tuple[str, str]]) -> list[KeptDelivery]:
        """What was ever made of these deliveries, each a (group, position), oldest first. The cost must not
        depend on how many other dead letters there are."""


class DeadLetters(DeadLetterReader, Protocol):
    """Dead letters and what may be done about them. None is ever erased: decisions are noted on it."""

    def redrive(self, stream: str, id: str, decision: Decision) -> Redrive:
        """Hand the entry to the dead letter's group again, and to no other.

        It must count as a first attempt, and be handed out no matter what the group has acknowledged
        since, or that the group has vanished. One that was decided before must be left as it is, and so
        must one whose entry is no longer in the stream.
        """

    def discard(self, stream: str, id: str, decision: Decision) -> bool:
        """Note that nothing more is to be done; False where it is unknown or was decided before."""
