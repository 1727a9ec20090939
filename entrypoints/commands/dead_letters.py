"""`comptoir dead-letters`: what was set aside, and what is to become of it."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from cyclopts import App, Parameter

from adapters.http.acting import LetterId
from adapters.http.rendering.operations import dead_letter_to_wire, dead_letters_to_wire
from application.ports.dead_letters import KeptDelivery, Redrive, Wanted
from application.requests.mend_dead_letters import REDRIVE_MAX, DeadLetterDesk
from entrypoints import exit_codes
from entrypoints.commands.acting import Actor, Reason, actor_of, outcome_unknown_if_away
from entrypoints.commands.endings import Ended, not_found, position_given_as
from entrypoints.commands.parameters import PAGE_DEFAULT, After, Count, Json, flag
from entrypoints.commands.session import Here
from entrypoints.commands.views import dead_letters as views
from entrypoints.commands.wording import count_of
from entrypoints.exit_codes import ExitCode

_ENDS: Final[Mapping[Redrive, ExitCode]] = {
    "redriven": ExitCode.FINE,
    "already decided": ExitCode.REFUSED,
    "entry gone": ExitCode.REFUSED,
    "unknown": ExitCode.NOT_FOUND,
}

app = App(
    name="dead-letters",
    help="See what was set aside; have it tried again, or let it be.",
    help_epilogue=exit_codes.HINT,
)

Id = Annotated[str, Parameter(name="ID", help="Id of a dead letter.")]
Group = Annotated[str | None, Parameter(name="--group", help="Only those of this group.")]
Type = Annotated[str | None, Parameter(name="--type", help="Only events of this type.")]
ReasonContains = Annotated[
    str | None, Parameter(name="--reason-contains", help="Only those whose reason has this in it.")
]
Checkout = Annotated[str | None, Parameter(name="--checkout", help="Only those of this checkout.")]
State = Annotated[
    Literal["open", "redriven", "discarded", "all"],
    Parameter(name="--state", help="Only those about which this was decided; open: nothing yet."),
]
Every = Annotated[bool, flag("--all", f"All open ones that fit, at most {REDRIVE_MAX:,} at once.")]
Yes = Annotated[bool, flag("--yes", "With --all: I know what it does.")]
WhyAgain = Annotated[str, Parameter(name="--reason", show_default=False, help="Why; it is kept with it.")]


@app.command(name="list")
def list_some(
    *,
    group: Group = None,
    type: Type = None,
    reason_contains: ReasonContains = None,
    checkout: Checkout = None,
    state: State = "open",
    count: Count = PAGE_DEFAULT,
    after: After = None,
    json: Json = False,
    here: Here,
) -> None:
    """List dead letters, oldest first."""
    kept_state = None if state == "all" else state
    wanted = Wanted(group=group, type=type, reason=reason_contains, checkout_id=checkout, state=kept_state)
    with position_given_as("--after", "a cursor from `next`"):
        found, more = here.shop.dead_letter_desk().page(wanted, count=count, after=after)
    here.answer(
        dead_letters_to_wire(found, more), lambda: views.listed(found, more, here.console.width), as_json=json
    )


@app.command
def show(id: Id, /, *, json: Json = False, here: Here) -> None:
    """Show one with everything that is known of it: the errors, the traceback, the entry itself."""
    kept = _kept(here.shop.dead_letter_desk(), id)
    here.answer(dead_letter_to_wire(kept), lambda: views.whole(kept), as_json=json)


@app.command
def redrive(
    *ids: Id,
    every: Every = False,
    group: Group = None,
    type: Type = None,
    reason_contains: ReasonContains = None,
    checkout: Checkout = None,
    yes: Yes = False,
    reason: WhyAgain = "",
    actor: Actor = None,
    json: Json = False,
    here: Here,
) -> ExitCode:
    """Have dead letters tried again, each by its own group and no other, in the order of the stream."""
    desk, who = here.shop.dead_letter_desk(), actor_of(here, actor)
    wanted = Wanted(group=group, type=type, reason=reason_contains, checkout_id=checkout)
    if bool(ids) == every or (ids and wanted != Wanted()):
        raise Ended(ExitCode.USAGE, "redrive takes either IDs, or --all with or without filters")
    if every and not yes:
        raise Ended(ExitCode.USAGE, f"{_how_many(desk, wanted)} would be tried again; repeat it with --yes")
    with outcome_unknown_if_away():
        answers = (
            desk.redrive_all(wanted, actor=who, reason=reason)
            if every
            else desk.redrive([_id(id_) for id_ in ids], actor=who, reason=reason)
        )
    here.answer({"answers": answers}, lambda: views.redriven(answers, every=every), as_json=json)
    return max((_ENDS[outcome] for outcome in answers.values()), default=ExitCode.FINE)


@app.command
def discard(id: Id, /, *, reason: Reason, actor: Actor = None, json: Json = False, here: Here) -> None:
    """Note that nothing more is to be done about one, and why. It stays to be seen."""
    desk = here.shop.dead_letter_desk()
    with outcome_unknown_if_away():
        done = desk.discard(_id(id), actor=actor_of(here, actor), reason=reason)
    kept = _kept(desk, id)
    if not done:
        raise Ended(ExitCode.REFUSED, f"dead letter {id} was {kept.state} before{views.by(kept)}")
    here.answer(dead_letter_to_wire(kept), lambda: views.discarded(kept), as_json=json)


def _id(text: str) -> str:
    return LetterId().parse(text, "ID")


def _kept(desk: DeadLetterDesk, id: str) -> KeptDelivery:
    kept = desk.get(_id(id))
    if kept is None:
        raise not_found(f"dead letter {id}")
    return kept


def _how_many(desk: DeadLetterDesk, wanted: Wanted) -> str:
    found, more = desk.page(wanted, count=REDRIVE_MAX)
    return f"{'at least ' if more else ''}{count_of(len(found), 'dead letter')}"
