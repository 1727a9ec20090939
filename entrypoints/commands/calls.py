"""`comptoir calls`: calls to existing services of which nobody knows whether they happened."""

from typing import Annotated, Final, Literal

from cyclopts import App, Parameter

from adapters.http.rendering.calls import call_to_show, calls_to_wire, settled_to_wire
from application.questions.show_calls import CallFinder
from domain.calls.commands import UnknownCall
from domain.identifiers import identifier
from entrypoints import exit_codes
from entrypoints.commands.acting import Actor, Reason, actor_of, outcome_unknown_if_away
from entrypoints.commands.endings import Ended, given_as, not_found, position_given_as
from entrypoints.commands.parameters import PAGE_DEFAULT, After, Count, Json, flag
from entrypoints.commands.session import Here
from entrypoints.commands.views import calls as views
from entrypoints.exit_codes import ExitCode

app = App(
    name="calls",
    help="See calls to existing services that are in doubt, and say what became of them.",
    help_epilogue=exit_codes.HINT,
)

Id = Annotated[str, Parameter(name="ID", help="Id of a call, such as k4t2:take-1.")]
Checkout = Annotated[str | None, Parameter(name="--checkout", help="All calls of this checkout.")]
State = Annotated[
    Literal["in-doubt", "all"] | None,
    Parameter(name="--state", help="in-doubt, or with --checkout all.", show_default=False),
]
Happened = Annotated[bool, flag("--happened", "The service has done it.")]
DidNot = Annotated[bool, flag("--did-not-happen", "The service has not done it.")]
Sale = Annotated[
    str | None, Parameter(name="--vente-id", help="The service's id of the sale, where one was entered.")
]
GIVEN_AS: Final = {"call_id": "ID", "vente_id": "--vente-id"}


@app.command(name="list")
def list_some(
    *,
    checkout: Checkout = None,
    state: State = None,
    count: Count = PAGE_DEFAULT,
    after: After = None,
    json: Json = False,
    here: Here,
) -> None:
    """List the calls in doubt, those that have waited longest first; or all calls of a checkout."""
    finder: CallFinder = here.shop.call_desk().finder
    if checkout is None:
        if state == "all":
            raise Ended(ExitCode.USAGE, "--state all needs --checkout: every call there ever was is too many")
        with position_given_as("--after", "a cursor from `next`"):
            found, more = finder.in_doubt(count=count, after=after)
    else:
        of_it, more = finder.of_checkout(identifier(checkout, "--checkout")), None
        found = [view for view in of_it if state != "in-doubt" or view.follows]
    now_s = here.shop.clock().now_s()
    here.answer(calls_to_wire(found, more), lambda: views.listed(found, more, now_s), as_json=json)


@app.command
def show(id: Id, /, *, json: Json = False, here: Here) -> None:
    """Show one with all that is noted of it, and what either decision will bring about."""
    with given_as(GIVEN_AS):
        view = here.shop.call_desk().finder.get(id)
    if view is None:
        raise not_found(f"call {id}")
    here.answer(call_to_show(view), lambda: views.whole(view), as_json=json)


@app.command
def settle(
    id: Id,
    /,
    *,
    happened: Happened = False,
    did_not_happen: DidNot = False,
    vente_id: Sale = None,
    reason: Reason,
    actor: Actor = None,
    json: Json = False,
    here: Here,
) -> None:
    """Say what became of a call in doubt, after looking in the service. The checkout goes on at once."""
    if happened == did_not_happen:
        raise Ended(ExitCode.USAGE, "settle takes either --happened or --did-not-happen")
    sale = None if vente_id is None else identifier(vente_id, "--vente-id")
    try:
        with outcome_unknown_if_away(), given_as(GIVEN_AS):
            settled = here.shop.call_desk().settle(
                id, happened=happened, vente_id=sale, actor=actor_of(here, actor), reason=reason
            )
    except UnknownCall as error:
        raise not_found(f"call {id}") from error
    here.answer(settled_to_wire(settled), lambda: views.settled(settled), as_json=json)
