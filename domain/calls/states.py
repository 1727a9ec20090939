"""How far each call of a checkout has come, one class a standing."""

from collections.abc import Mapping
from typing import Final, assert_never

import attrs

from domain.calls.events import Operation


@attrs.frozen
class UnderWay:
    """Intended, and nothing heard of it yet."""


@attrs.frozen(kw_only=True)
class Done:
    """It had its effect. `by_hand`: a person found that out."""

    vente_id: str | None = None
    by_hand: bool = False


@attrs.frozen
class Refused:
    """It had none, and never will."""

    reason: str


@attrs.frozen(kw_only=True)
class NotMade:
    """It had none, and may be made again."""

    reason: str
    by_hand: bool = False


@attrs.frozen
class Unanswered:
    """It may be made again under the same key, which the service knows if it did it."""

    reason: str


@attrs.frozen
class InDoubt:
    """Waits for a person."""

    reason: str


Standing = UnderWay | Done | Refused | NotMade | Unanswered | InDoubt

TAKING: Final[frozenset[Operation]] = frozenset({"take", "enter"})


@attrs.frozen(kw_only=True)
class WantedCall:
    """A call that a step wants made: which, with what, and under which key."""

    operation: Operation
    line: int
    key: str
    produit_id: str | None = None
    units: int | None = None
    client_id: str | None = None
    vente_id: str | None = None

    @property
    def name(self) -> str:
        """Its name within the checkout."""
        return f"{self.operation}-{self.line}"


@attrs.frozen(kw_only=True)
class Call:
    """One call. `unsure`: an earlier attempt may have happened; this is the same call again, under the
    same key. `surplus`: how often it happened beyond once, where a person said that it had not."""

    wanted: WantedCall
    attempt: int
    standing: Standing
    unsure: bool = False
    surplus: int = 0


@attrs.frozen(kw_only=True)
class CallLedger:
    """Calls by name, in the order in which they were first meant."""

    calls: Mapping[str, Call] = attrs.Factory(dict)
    closed: bool = False

    def in_doubt(self) -> list[Call]:
        """Those that wait for a person."""
        return [call for call in self.calls.values() if isinstance(call.standing, InDoubt)]

    def of(self, operation: Operation) -> list[Call]:
        """Those that do this."""
        return [call for call in self.calls.values() if call.wanted.operation == operation]


def service_of(operation: Operation) -> str:
    """Who is called for it."""
    return "inventory" if operation in {"take", "give-back"} else "orders"


def standing_of(call: Call) -> str:
    """How the call stands, in a word or two."""
    match call.standing:
        case UnderWay():
            return "under way"
        case Done():
            return "done"
        case Refused():
            return "refused"
        case NotMade():
            return "not made"
        case Unanswered():
            return "unanswered"
        case InDoubt():
            return "in doubt"
        case _:
            assert_never(call.standing)


def doubt_told(call: str, reason: str) -> str:
    """What a person reads first of a call in doubt."""
    return f"in doubt: {call}: {reason}"
