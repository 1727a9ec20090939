"""Calls to existing services, as they go over the wire. Times are epoch seconds."""

from collections.abc import Sequence

from adapters.codec.calls import call_to_wire
from adapters.http import links
from adapters.http.rendering.shop import Wire
from application.calls.settle_doubts import Settled
from application.events.recorded_event import RecordedEvent
from application.questions.show_calls import CallView
from domain.calls.events import CallIntended, CallOutcome, DoubtSettled
from domain.calls.states import Done, InDoubt, NotMade, Refused, Unanswered, service_of, standing_of


def calls_to_wire(views: Sequence[CallView], cursor: str | None) -> Wire:
    return {"calls": [_call(view) for view in views], "next": cursor}


def call_to_explain(view: CallView) -> Wire:
    """For whoever knows its checkout."""
    return _call(view) | {"notes": [_note(note) for note in view.notes]}


def call_to_show(view: CallView) -> Wire:
    follows = view.follows
    return call_to_explain(view) | {
        "if_happened": follows.if_happened if follows else None,
        "if_not": follows.if_not if follows else None,
        "checkout": {
            "step": view.checkout.step,
            "status": view.checkout.status,
            "client_id": view.checkout.client_id,
            "reason": view.checkout.reason,
        },
    }


def settled_to_wire(settled: Settled) -> Wire:
    return call_to_show(settled.view) | {"changed": settled.changed}


def _call(view: CallView) -> Wire:
    call, wanted = view.call, view.call.wanted
    return {
        "id": view.id,
        "checkout_id": view.checkout.checkout_id,
        "standing": standing_of(call),
        "since": view.since_s,
        "why": why_of(view),
        "service": service_of(wanted.operation),
        "operation": wanted.operation,
        "attempt": call.attempt,
        "happened_in_vain": call.surplus,
        "idempotency_key": wanted.key,
        "produit_id": wanted.produit_id,
        "quantite": wanted.units,
        "client_id": wanted.client_id,
        "vente_id": _sale(view),
        "links": {
            "self": links.call(view.id),
            "checkout": links.checkout(view.checkout.checkout_id),
            "replay": links.replay(view.checkout.checkout_id),
        },
    }


def why_of(view: CallView) -> str | None:
    """What was said about how it stands, if anything."""
    match view.call.standing:
        case Refused(reason) | Unanswered(reason) | InDoubt(reason) | NotMade(reason=reason):
            return reason
        case _:
            return None


def _sale(view: CallView) -> str | None:
    """The sale that is cancelled, or that was entered."""
    standing = view.call.standing
    entered = standing.vente_id if isinstance(standing, Done) else None
    return view.call.wanted.vente_id or entered


def _note(note: RecordedEvent) -> Wire:
    event = note.event
    assert isinstance(event, CallIntended | CallOutcome | DoubtSettled), note
    told = call_to_wire(event)
    return {
        "type": note.type,
        "at": note.recorded_at_s,
        "position": note.position,
        "attempt": event.attempt,
        "actor": told.get("actor"),
        "reason": told.get("reason"),
    }
