"""Around a checkout's story: what went wrong, what was asked of existing services, what is next."""

from typing import Final

from rich.console import RenderableType
from rich.text import Text

from adapters.http.rendering.calls import why_of
from application.questions.checkout_troubles import Trouble
from application.questions.explain_checkout import Explanation
from application.questions.whose_turn import Next
from domain.calls.states import standing_of
from domain.checkout.evolving import OPERATOR
from entrypoints.commands.endings import Ended, not_found
from entrypoints.commands.look import above, table, titled
from entrypoints.commands.wording import date_and_time, plain

WHY_CHARS_MAX: Final = 500
_COLOURS: Final = {"tried again": "yellow", "open": "red", "redriven": "green", "discarded": "dim"}


def around(told: Explanation) -> RenderableType:
    """Each part that there is anything to say in."""
    return above(_calls(told), _troubles(told), _next(told.next) if told.next else None)


def no_checkout(checkout_id: str, as_of: str | None = None) -> Ended:
    """There is none, and where to look instead."""
    if as_of is not None:
        return not_found(f"checkout {checkout_id} as of {as_of}; now: comptoir checkout show {checkout_id}")
    begun = "those begun last: comptoir events --type CheckoutInitiated --newest-first"
    aside = f"what was set aside: comptoir dead-letters list --state all --checkout {checkout_id}"
    return not_found(f"checkout {checkout_id} on this server; {begun}; {aside}")


def _calls(told: Explanation) -> RenderableType | None:
    if not told.calls:
        return None
    made = table("call", "stands", "attempt", "why", right=("attempt",))
    for view in told.calls:
        call = view.call
        made.add_row(call.wanted.name, standing_of(call), str(call.attempt), plain(why_of(view) or "-"))
    return made


def _troubles(told: Explanation) -> RenderableType | None:
    if not told.troubles:
        return None
    made = table("trouble of", "with", "attempts", "what became of it", "error", right=("attempts",))
    for trouble in told.troubles:
        made.add_row(
            trouble.worker,
            trouble.type,
            str(trouble.attempts),
            Text(_became(trouble), _COLOURS[trouble.state]),
            plain(trouble.error or "not remembered"),
        )
    return made


def _became(trouble: Trouble) -> str:
    if trouble.dead_letter is None:
        return trouble.state
    if trouble.decision is None:
        return f"dead letter {trouble.dead_letter}"
    decision = trouble.decision
    return f"{trouble.state} by {plain(decision.actor)}: {plain(decision.reason)}"


def _next(turn: Next) -> RenderableType:
    who = "an operator" if turn.worker == OPERATOR else turn.worker
    rows: list[tuple[str, RenderableType]] = [
        ("since", date_and_time(turn.since_s)),
        ("why", plain(turn.why, chars_max=WHY_CHARS_MAX)),
        ("to do", turn.advice),
    ]
    return titled(Text(f"● waiting for {who} to {turn.does}", "yellow"), rows)
