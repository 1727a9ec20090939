"""`comptoir calls`: calls to existing services of which nobody knows whether they happened."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from cyclopts import App, Parameter
from rich.console import RenderableType
from rich.text import Text

from adapters.http.rendering_calls import call_to_show, calls_to_wire, settled_to_wire, why_of
from application.calls.settle_doubts import CallFinder, CallView, Settled
from domain.calls.commands import UnknownCall
from domain.calls.states import InDoubt, service_of, standing_of
from domain.identifiers import identifier
from entrypoints import exit_codes
from entrypoints.commands.acting import Actor, Reason, actor_of, outcome_unknown_if_away
from entrypoints.commands.durations import in_words
from entrypoints.commands.endings import Ended, not_found, position_given_as
from entrypoints.commands.look import above, heading, more_after, note, sentence, table, titled
from entrypoints.commands.parameters import PAGE_DEFAULT, After, Count, Json, flag
from entrypoints.commands.session import Here
from entrypoints.commands.story import what_it_says
from entrypoints.commands.wording import count_of, date_and_time, plain
from entrypoints.exit_codes import ExitCode

REASON_CHARS_MAX: Final = 500
_COLOURS: Final = {"done": "green", "in doubt": "red", "refused": "yellow"}

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
    here.answer(calls_to_wire(found, more), lambda: _view(found, more, now_s), as_json=json)


@app.command
def show(id: Id, /, *, json: Json = False, here: Here) -> None:
    """Show one with all that is noted of it, and what either decision will bring about."""
    view = here.shop.call_desk().finder.get(id)
    if view is None:
        raise not_found(f"call {id}")
    here.answer(call_to_show(view), lambda: _one(view), as_json=json)


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
        with outcome_unknown_if_away():
            settled = here.shop.call_desk().settle(
                id, happened=happened, vente_id=sale, actor=actor_of(here, actor), reason=reason
            )
    except UnknownCall as error:
        raise not_found(f"call {id}") from error
    here.answer(settled_to_wire(settled), lambda: _settled(settled), as_json=json)


def _view(found: Sequence[CallView], more: str | None, now_s: float) -> RenderableType:
    further = more_after(more)
    if not found:
        return above(note("no call is in doubt here"), further)
    made = table("id", "asked for", "stands", "for", "why", right=("for",), whole=("id",))
    for view in found:
        made.add_row(
            Text(plain(view.id), "cyan"),
            _asked(view),
            _standing(view),
            in_words(now_s - view.since_s),
            plain(why_of(view) or "-"),
        )
    return above(made, further or note(f"all that is known of one: comptoir calls show {found[0].id}"))


def _asked(view: CallView) -> str:
    """What the service was asked for, in a few words."""
    wanted = view.call.wanted
    what = f"{count_of(wanted.units, 'unit')} of {plain(wanted.produit_id)}" if wanted.units else ""
    sale = f"sale {plain(wanted.vente_id)}" if wanted.vente_id else ""
    return f"{service_of(wanted.operation)}: {wanted.operation} {what or sale}".strip()


def _one(view: CallView) -> RenderableType:
    wanted, checkout, follows = view.call.wanted, view.checkout, view.follows
    facts: list[tuple[str, RenderableType]] = [
        ("asked for", _asked(view)),
        ("for client", plain(checkout.client_id)),
        ("key", wanted.key),
        ("attempt", str(view.call.attempt)),
        ("since", date_and_time(view.since_s)),
        ("heard", plain(why_of(view) or "-", chars_max=REASON_CHARS_MAX)),
        ("checkout", Text.assemble((plain(checkout.checkout_id), "cyan"), f", stands at {checkout.step}")),
    ]
    if view.call.surplus:
        facts.append(("in vain", f"it happened {count_of(view.call.surplus, 'time')} more than it should"))
    if follows:
        facts += [("if it happened", follows.if_happened), ("if it did not", follows.if_not)]
    notes: list[tuple[str, RenderableType]] = [
        (date_and_time(noted.recorded_at_s), f"{noted.type}: {what_it_says(noted.event)}")
        for noted in view.notes
    ]
    return above(
        titled(heading("call", view.id, _standing(view)), facts),
        titled(Text("noted", "bold"), notes),
        note(_how_to_decide(view)) if follows else None,
    )


def _how_to_decide(view: CallView) -> str:
    sale = " --vente-id SALE" if view.call.wanted.operation == "enter" else ""
    return (
        f"look in the service, then: comptoir calls settle {view.id} --happened{sale} | --did-not-happen"
        " --reason WHY"
    )


def _settled(settled: Settled) -> RenderableType:
    view = settled.view
    before = "" if settled.changed else " before; nothing was changed"
    said = sentence(heading("call", view.id), f" is {standing_of(view.call)}{before}", fresh=settled.changed)
    return above(said, note(f"what becomes of it: comptoir checkout show {view.checkout.checkout_id}"))


def _standing(view: CallView) -> Text:
    standing = standing_of(view.call)
    style = "bold red" if isinstance(view.call.standing, InDoubt) else _COLOURS.get(standing, "dim")
    return Text(standing, style)
