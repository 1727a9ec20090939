"""`comptoir replay`: a checkout's history, folded again."""

from typing import Annotated

from cyclopts import Parameter
from rich.console import RenderableType
from rich.text import Text

from adapters.http.rendering import replay_to_wire
from adapters.http.rendering_calls import why_of
from application.calls.settle_doubts import CallFinder
from application.replay_checkout import Replay
from domain.calls.states import standing_of
from domain.identifiers import identifier
from entrypoints.commands.endings import not_found, position_given_as
from entrypoints.commands.look import WIDE_COLUMNS, above, note, table
from entrypoints.commands.parameters import Json
from entrypoints.commands.session import Here
from entrypoints.commands.story import fact, standing, times, what_it_says
from entrypoints.commands.wording import plain

Id = Annotated[str, Parameter(name="ID", help="Id of a checkout.")]
AsOf = Annotated[
    str | None, Parameter(name="--as-of", help="As it stood at this position, or epoch time in seconds.")
]


def replay(id: Id, /, *, as_of: AsOf = None, json: Json = False, here: Here) -> None:
    """Replay a checkout: every event, and how the checkout stood after it. Changes nothing."""
    checkout_id = identifier(id, "ID")
    with position_given_as("--as-of", "a position or epoch seconds"):
        found = here.shop.replayer().replay(checkout_id, as_of=as_of)
    if found is None:
        raise not_found(f"checkout {checkout_id}{f' as of {as_of}' if as_of else ''}")
    wide = here.console.width >= WIDE_COLUMNS
    here.answer(
        replay_to_wire(found),
        lambda: above(_view(found, as_of, wide=wide), _calls(here.shop.call_desk().finder, found)),
        as_json=json,
    )


def _calls(finder: CallFinder, replay: Replay) -> RenderableType | None:
    """What was asked of existing services for it, as it stands now."""
    calls = finder.of_checkout(replay.view.checkout_id)
    if not calls:
        return None
    made = table("call", "stands", "attempt", "why", right=("attempt",))
    for view in calls:
        call = view.call
        made.add_row(call.wanted.name, standing_of(call), str(call.attempt), plain(why_of(view) or "-"))
    return made


def _view(replay: Replay, as_of: str | None, *, wide: bool) -> RenderableType:
    details = ["what it says"] if wide else []
    made = table("", "position", "when", "fact", "stands at", *details, right=("", "when"))
    for event, when in zip(replay.events, times(replay), strict=True):
        recorded = event.recorded
        made.add_row(
            str(recorded.version),
            Text(recorded.position, "dim"),
            when,
            fact(event),
            event.after.step,
            *([what_it_says(recorded.event)] if wide else []),
        )
    return above(standing(replay), made, note(f"as of {as_of}") if as_of else None)
