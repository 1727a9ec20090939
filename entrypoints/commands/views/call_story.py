"""What happened to a call to an existing service, in words."""

from typing import assert_never

from domain.calls.events import (
    CallDone,
    CallEvent,
    CallInDoubt,
    CallIntended,
    CallNotMade,
    CallRefused,
    CallsClosed,
    CallUnanswered,
    DoubtSettled,
)
from entrypoints.commands.wording import count_of, plain


def of_call(event: CallEvent) -> str:
    """The fact in a few words."""
    match event:
        case CallsClosed():
            return "nothing more is taken or entered for it"
        case CallIntended():
            what = f" ({count_of(event.units, 'unit')} of {plain(event.produit_id)})" if event.units else ""
            return f"{plain(event.call)}{what}, attempt {event.attempt}"
        case CallDone():
            return f"{plain(event.call)}{f': sale {plain(event.vente_id)}' if event.vente_id else ''}"
        case DoubtSettled():
            found = "it happened" if event.happened else "it did not happen"
            return f"{plain(event.call)}: {found}, by {plain(event.actor)}: {plain(event.reason)}"
        case CallRefused() | CallNotMade() | CallUnanswered() | CallInDoubt():
            return f"{plain(event.call)}: {plain(event.reason)}"
        case _:
            assert_never(event)
