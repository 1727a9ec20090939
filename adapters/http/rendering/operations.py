"""Answers for those who keep the service running, as they go over the wire. Times are epoch seconds."""

from collections.abc import Sequence

import attrs

from adapters.http import links
from adapters.http.rendering.shop import Wire, checkout_links
from application.ports.dead_letters import Decision, KeptDelivery
from application.questions.find_stuck import StuckCheckout
from application.requests.intervene import Intervened


def dead_letters_to_wire(letters: Sequence[KeptDelivery], cursor: str | None) -> Wire:
    return {"dead_letters": [_letter(kept) for kept in letters], "next": cursor}


def dead_letter_to_wire(kept: KeptDelivery) -> Wire:
    return _letter(kept) | {"traceback": kept.traceback, "original": dict(kept.original)}


def _letter(kept: KeptDelivery) -> Wire:
    found = {"self": links.dead_letter(kept.id)}
    if kept.checkout_id is not None:
        found |= {"checkout": links.checkout(kept.checkout_id), "replay": links.replay(kept.checkout_id)}
    return {
        "id": kept.id,
        "state": kept.state,
        "group": kept.group,
        "type": kept.type,
        "checkout_id": kept.checkout_id,
        "position": kept.position,
        "attempts": kept.attempts,
        "reason": kept.reason,
        "first_error": kept.first_error,
        "last_error": kept.last_error,
        "set_aside_at": kept.set_aside_at_s,
        "decision": decision_to_wire(kept.decision),
        "links": found,
    }


def decision_to_wire(decision: Decision | None) -> Wire | None:
    if decision is None:
        return None
    return {
        "actor": decision.actor,
        "reason": decision.reason,
        "at": decision.at_s,
        "correlation_id": decision.correlation_id,
    }


def intervened_to_wire(done: Intervened) -> Wire:
    view = done.view
    found = checkout_links(view.checkout_id, view.client_id)
    return attrs.asdict(view) | {"changed": done.changed, "links": found}


def stuck_to_wire(found: Sequence[StuckCheckout], cursor: str | None) -> Wire:
    return {"checkouts": [_stuck(stuck) for stuck in found], "next": cursor}


def _stuck(stuck: StuckCheckout) -> Wire:
    return {
        "checkout_id": stuck.view.checkout_id,
        "client_id": stuck.view.client_id,
        "step": stuck.view.step,
        "waits_for": stuck.next.worker,
        "since": stuck.next.since_s,
        "opened_at": stuck.opened_s,
        "last_fact": stuck.last_fact,
        "why": stuck.next.why,
        "advice": stuck.next.advice,
        "links": checkout_links(stuck.view.checkout_id, stuck.view.client_id),
    }


def deadlines_to_wire(upcoming: Sequence[tuple[str, float]], cursor: str | None) -> Wire:
    rows = [
        {"checkout_id": id_, "due_at": due_s, "links": {"checkout": links.checkout(id_)}}
        for id_, due_s in upcoming
    ]
    return {"deadlines": rows, "next": cursor}
