"""`comptoir checkout cancel|retry|force-compensation|resolve`: a person steps in."""

from rich.console import RenderableType

from adapters.http.rendering.operations import intervened_to_wire
from application.requests.intervene import Intervened
from domain.checkout.commands import Cancel, ForceCompensation, Intervene, Resolve, RetryStep
from domain.errors import UnknownCheckout
from domain.identifiers import identifier
from entrypoints.commands.acting import Actor, Reason, actor_of, outcome_unknown_if_away
from entrypoints.commands.checkout import app
from entrypoints.commands.endings import not_found
from entrypoints.commands.look import above, heading, note, sentence, status, titled
from entrypoints.commands.parameters import CheckoutId as Id
from entrypoints.commands.parameters import Json
from entrypoints.commands.session import Here, Session
from entrypoints.commands.wording import plain

__all__ = ["app"]


@app.command
def cancel(id: Id, /, *, reason: Reason, actor: Actor = None, json: Json = False, here: Here) -> None:
    """Stop a checkout that has not ended; whatever was taken is given back."""
    command = Cancel(actor=actor_of(here, actor), reason=reason)
    act(here, id, command, "is being cancelled", "was failing before", as_json=json)


@app.command
def retry(id: Id, /, *, reason: Reason, actor: Actor = None, json: Json = False, here: Here) -> None:
    """Have the step that a checkout waits on tried again."""
    command = RetryStep(actor=actor_of(here, actor), reason=reason)
    act(here, id, command, "is being tried again", as_json=json)


@app.command
def force_compensation(
    id: Id, /, *, reason: Reason, actor: Actor = None, json: Json = False, here: Here
) -> None:
    """Have everything given back, also where that has failed for good before."""
    command = ForceCompensation(actor=actor_of(here, actor), reason=reason)
    act(here, id, command, "is giving back what it took", as_json=json)


@app.command
def resolve(id: Id, /, *, reason: Reason, actor: Actor = None, json: Json = False, here: Here) -> None:
    """Declare a checkout failed: what had to be done was done by hand."""
    command = Resolve(actor=actor_of(here, actor), reason=reason)
    act(here, id, command, "is resolved by hand", as_json=json)


def act(
    here: Session, id: str, command: Intervene, done: str, so_already: str = "", *, as_json: bool
) -> None:
    """Do it, and tell how the checkout stands after it: `done`, or that it was `so_already`.

    Raises:
        Ended: there is no such checkout.
    """
    checkout_id = identifier(id, "ID")
    try:
        with outcome_unknown_if_away():
            answer = here.shop.checkout_desk().intervene(checkout_id, command)
    except UnknownCheckout as error:
        raise not_found(f"checkout {checkout_id}") from error
    told = done if answer.changed else f"{so_already}; nothing was changed"
    here.answer(intervened_to_wire(answer), lambda: _told(answer, told, command), as_json=as_json)


def _told(answer: Intervened, told: str, command: Intervene) -> RenderableType:
    view = answer.view
    title = sentence(heading("checkout", view.checkout_id), f" {told}", fresh=answer.changed)
    rows: list[tuple[str, RenderableType]] = [("status", status(view.status)), ("stands at", view.step)]
    if view.reason:
        rows.append(("because", plain(view.reason)))
    if answer.changed:
        rows.append(("asked by", plain(command.actor)))
    follow = note(f"see what becomes of it: comptoir checkout show {view.checkout_id} --follow")
    return above(titled(title, rows), follow if view.status == "initiated" else None)
