"""Facts about the calls that are made for one checkout to services that were there before us.

Their entity is the checkout. `call` names a call within it: the operation and the number of the line,
`take-1`. A call that certainly had no effect may be made again, as its next `attempt`.
"""

from typing import Literal

import attrs

Operation = Literal["take", "give-back", "enter", "cancel"]
"""Units out of the stock and back into it; a sale entered and cancelled."""


@attrs.frozen(kw_only=True)
class CallFact:
    """What all of them have."""

    checkout_id: str


@attrs.frozen(kw_only=True)
class _AttemptFact(CallFact):
    call: str
    attempt: int


@attrs.frozen(kw_only=True)
class CallIntended(_AttemptFact):
    """A call is about to be made, under this key, by whoever could append this. `client_id` where a sale is
    entered, `vente_id` where one is cancelled."""

    operation: Operation
    key: str
    produit_id: str | None = None
    units: int | None = None
    client_id: str | None = None
    vente_id: str | None = None


@attrs.frozen(kw_only=True)
class CallDone(_AttemptFact):
    """The service did it; `vente_id` is its id of the sale that was entered."""

    vente_id: str | None = None


@attrs.frozen(kw_only=True)
class CallRefused(_AttemptFact):
    """The service said no, and did nothing."""

    reason: str


@attrs.frozen(kw_only=True)
class CallNotMade(_AttemptFact):
    """It certainly had no effect: it did not reach the service, or the service said to come back."""

    reason: str


@attrs.frozen(kw_only=True)
class CallUnanswered(_AttemptFact):
    """It may have had its effect; but the service does a call with a known key once, so it is made again."""

    reason: str


@attrs.frozen(kw_only=True)
class CallInDoubt(_AttemptFact):
    """It may have had its effect, and making it again might have it twice: a person must look."""

    reason: str


@attrs.frozen(kw_only=True)
class DoubtSettled(_AttemptFact):
    """A person looked at the service: it happened, or it did not."""

    happened: bool
    actor: str
    reason: str
    vente_id: str | None = None


@attrs.frozen(kw_only=True)
class CallsClosed(CallFact):
    """The checkout has failed: nothing more is taken or entered for it, however late somebody tries."""


CallOutcome = CallDone | CallRefused | CallNotMade | CallUnanswered | CallInDoubt
CallEvent = CallIntended | CallOutcome | DoubtSettled | CallsClosed
