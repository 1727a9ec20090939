"""What the calls of a checkout become with each fact."""

from typing import assert_never

import attrs

from domain.calls.events import (
    CallDone,
    CallEvent,
    CallInDoubt,
    CallIntended,
    CallNotMade,
    CallOutcome,
    CallRefused,
    CallsClosed,
    CallUnanswered,
    DoubtSettled,
)
from domain.calls.states import (
    Call,
    CallLedger,
    Done,
    InDoubt,
    NotMade,
    Refused,
    Standing,
    Unanswered,
    UnderWay,
    WantedCall,
)


def evolve(ledger: CallLedger, event: CallEvent) -> CallLedger:
    """`ledger` after `event`."""
    if isinstance(event, CallsClosed):
        return attrs.evolve(ledger, closed=True)
    known = ledger.calls.get(event.call)
    if isinstance(event, CallIntended):
        call = _intended(event, known)
    elif known is None:
        return ledger
    else:
        call = evolve_call(known, event)
    return attrs.evolve(ledger, calls={**ledger.calls, event.call: call})


def _intended(event: CallIntended, known: Call | None) -> Call:
    wanted = WantedCall(
        operation=event.operation,
        line=int(event.call.rpartition("-")[2]),
        key=event.key,
        produit_id=event.produit_id,
        units=event.units,
        client_id=event.client_id,
        vente_id=event.vente_id,
    )
    surplus = known.surplus if known else 0
    return Call(wanted=wanted, attempt=event.attempt, standing=UnderWay(), surplus=surplus)


def evolve_call(call: Call, event: CallOutcome | DoubtSettled) -> Call:
    """An earlier attempt that happened after all, when another has been made since, happened in vain."""
    if event.attempt != call.attempt:
        in_vain = isinstance(event, CallDone) and event.attempt < call.attempt
        return attrs.evolve(call, surplus=call.surplus + 1) if in_vain else call
    return attrs.evolve(call, standing=_after(call.standing, event))


def _after(standing: Standing, event: CallOutcome | DoubtSettled) -> Standing:
    """What the service said stands; a doubt comes only where nobody knows better."""
    is_known = isinstance(standing, Done | Refused | NotMade) and not getattr(standing, "by_hand", False)
    match event:
        case _ if is_known:
            return standing
        case CallDone(vente_id=vente_id):
            return Done(vente_id=vente_id)
        case CallRefused(reason=reason):
            return Refused(reason)
        case CallNotMade(reason=reason):
            return NotMade(reason=reason)
        case CallUnanswered(reason=reason):
            return Unanswered(reason) if isinstance(standing, UnderWay) else standing
        case CallInDoubt(reason=reason):
            return InDoubt(reason) if isinstance(standing, UnderWay | Unanswered) else standing
        case DoubtSettled(happened=True, vente_id=vente_id):
            return Done(vente_id=vente_id, by_hand=True)
        case DoubtSettled(reason=reason):
            return NotMade(reason=reason, by_hand=True)
        case _:
            assert_never(event)
