"""A checkout explained, as it goes over the wire. Times are epoch seconds."""

from adapters.http import links
from adapters.http.rendering.calls import call_to_explain
from adapters.http.rendering.operations import decision_to_wire
from adapters.http.rendering.shop import Wire, replay_to_wire
from application.questions.checkout_troubles import Trouble
from application.questions.explain_checkout import Explanation
from application.questions.whose_turn import Next


def explanation_to_wire(told: Explanation) -> Wire:
    return replay_to_wire(told.replay) | {
        "waiting": told.next and _waiting(told.next),
        "troubles": [_trouble(trouble) for trouble in told.troubles],
        "calls": [call_to_explain(view) for view in told.calls],
    }


def _waiting(turn: Next) -> Wire:
    return {
        "waits_for": turn.worker,
        "to": turn.does,
        "since": turn.since_s,
        "why": turn.why,
        "advice": turn.advice,
    }


def _trouble(trouble: Trouble) -> Wire:
    letter = trouble.dead_letter
    return {
        "step": trouble.worker,
        "type": trouble.type,
        "position": trouble.position,
        "state": trouble.state,
        "attempts": trouble.attempts,
        "failed_at": trouble.failed_at_s,
        "error": trouble.error,
        "dead_letter": letter,
        "decision": decision_to_wire(trouble.decision),
        "links": {"dead_letter": links.dead_letter(letter)} if letter else {},
    }
