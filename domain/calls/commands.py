"""What the calls of a checkout can be told: by the steps that make them, and by a person."""

import attrs

from domain.calls.events import CallOutcome
from domain.calls.states import WantedCall
from domain.errors import DomainError


@attrs.frozen(kw_only=True)
class Intend:
    """Mean to make a call now. `again`: also one that is under way, unanswered or refused."""

    checkout_id: str
    wanted: WantedCall
    again: bool = False


@attrs.frozen
class Report:
    """Say what became of an attempt."""

    outcome: CallOutcome


@attrs.frozen(kw_only=True)
class Settle:
    """Decide a doubt: it happened, or it did not."""

    checkout_id: str
    call: str
    happened: bool
    actor: str
    reason: str
    vente_id: str | None = None


@attrs.frozen
class Close:
    """Take and enter nothing more for it."""

    checkout_id: str


CallCommand = Intend | Report | Settle | Close


@attrs.frozen
class UnknownCall(DomainError):
    """There is no such call."""

    checkout_id: str
    call: str

    def __str__(self) -> str:
        return f"checkout {self.checkout_id} has made no call {self.call}"


@attrs.frozen
class NotInDoubt(DomainError):
    """There is nothing to decide about this call, or nothing any more."""

    call: str
    standing: str

    def __str__(self) -> str:
        return f"call {self.call} is not in doubt: it is {self.standing}"
