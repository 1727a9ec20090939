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
    return Call(
        wanted=wanted,
        attempt=event.attempt,
        standing=UnderWay(),
        unsure=known is not None and isinstance(known.standing, UnderWay | Unanswered),
        surplus=known.surplus if known else 0,
    )


def evolve_call(call: Call, event: CallOutcome | DoubtSettled) -> Call:
    """`call` after `event`, which may be about an earlier attempt: its answer was late."""
    if event.attempt < call.attempt:
        return _after_a_late_answer(call, event)
    if event.attempt > call.attempt:
        return call
    if isinstance(event, CallNotMade) and call.unsure and isinstance(call.standing, UnderWay):
        # Nothing came of the repetition; what became of the call itself is still not known.
        return attrs.evolve(call, standing=Unanswered(event.reason))
    return attrs.evolve(call, standing=_after(call.standing, event))


def _after_a_late_answer(call: Call, event: CallOutcome | DoubtSettled) -> Call:
    """An attempt that happened after all is the call itself, where it was only repeated under its key. Where
    it was made anew, because a person had said that it had not happened, it has happened in vain."""
    if not isinstance(event, CallDone):
        return call
    if call.unsure or isinstance(call.standing, NotMade | Refused):
        is_done = isinstance(call.standing, Done)
        return call if is_done else attrs.evolve(call, standing=Done(vente_id=event.vente_id))
    return attrs.evolve(call, surplus=call.surplus + 1)


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
