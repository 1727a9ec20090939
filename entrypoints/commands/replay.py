"""`comptoir replay`: a checkout's history, folded again."""

from typing import Annotated

from cyclopts import Parameter
from rich.console import RenderableType
from rich.text import Text

from adapters.http.rendering.explained import explanation_to_wire
from application.questions.replay_checkout import Replay
from domain.identifiers import identifier
from entrypoints.commands.endings import position_given_as
from entrypoints.commands.look import WIDE_COLUMNS, above, note, table
from entrypoints.commands.parameters import Json
from entrypoints.commands.session import Here
from entrypoints.commands.views.explanation import around, no_checkout
from entrypoints.commands.views.story import fact, said, standing, times

Id = Annotated[str, Parameter(name="ID", help="Id of a checkout.")]
AsOf = Annotated[
    str | None, Parameter(name="--as-of", help="As it stood at this position, or epoch time in seconds.")
]


def replay(id: Id, /, *, as_of: AsOf = None, json: Json = False, here: Here) -> None:
    """Replay a checkout: every event, and how the checkout stood after it. Changes nothing."""
    checkout_id = identifier(id, "ID")
    with position_given_as("--as-of", "a position or epoch seconds"):
        found = here.shop.explainer().explain(checkout_id, as_of=as_of)
    if found is None:
        raise no_checkout(checkout_id, as_of)
    wide = here.console.width >= WIDE_COLUMNS
    here.answer(
        explanation_to_wire(found),
        lambda: above(_view(found.replay, as_of, wide=wide), around(found)),
        as_json=json,
    )


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
            *([said(recorded)] if wide else []),
        )
    return above(standing(replay), made, note(f"as of {as_of}") if as_of else None)
