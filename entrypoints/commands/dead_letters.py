"""`comptoir dead-letters`: what was set aside, and what is to become of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal

from cyclopts import App, Parameter
from rich.console import RenderableType
from rich.text import Text

from adapters.http.acting import LetterId
from adapters.http.rendering_operations import dead_letter_to_wire, dead_letters_to_wire
from application.mend_dead_letters import REDRIVE_MAX, DeadLetterDesk
from application.ports.dead_letters import KeptDelivery, Redrive, Wanted
from entrypoints import exit_codes
from entrypoints.commands.acting import Actor, Reason, actor_of, outcome_unknown_if_away
from entrypoints.commands.endings import Ended, not_found, position_given_as
from entrypoints.commands.look import WIDE_COLUMNS, above, heading, more_after, note, sentence, table, titled
from entrypoints.commands.parameters import PAGE_DEFAULT, After, Count, Json, flag
from entrypoints.commands.session import Here
from entrypoints.commands.wording import count_of, date_and_time, day_and_time, plain
from entrypoints.exit_codes import ExitCode

FIELD_CHARS_MAX: Final = 2_000
TRACEBACK_LINES_MAX: Final = 30
_ENDS: Final[Mapping[Redrive, ExitCode]] = {
    "redriven": ExitCode.FINE,
    "already decided": ExitCode.REFUSED,
    "entry gone": ExitCode.REFUSED,
    "unknown": ExitCode.NOT_FOUND,
}
_COLOURS: Final = {"open": "yellow", "redriven": "green", "discarded": "dim"}

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
        dead_letters_to_wire(found, more), lambda: _view(found, more, here.console.width), as_json=json
    )


@app.command
def show(id: Id, /, *, json: Json = False, here: Here) -> None:
    """Show one with everything that is known of it: the errors, the traceback, the entry itself."""
    kept = _kept(here.shop.dead_letter_desk(), id)
    here.answer(dead_letter_to_wire(kept), lambda: _letter(kept), as_json=json)


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
    here.answer({"answers": answers}, lambda: _redriven(answers, every=every), as_json=json)
    return max((_ENDS[outcome] for outcome in answers.values()), default=ExitCode.FINE)


@app.command
def discard(id: Id, /, *, reason: Reason, actor: Actor = None, json: Json = False, here: Here) -> None:
    """Note that nothing more is to be done about one, and why. It stays to be seen."""
    desk = here.shop.dead_letter_desk()
    with outcome_unknown_if_away():
        done = desk.discard(_id(id), actor=actor_of(here, actor), reason=reason)
    kept = _kept(desk, id)
    if not done:
        raise Ended(ExitCode.REFUSED, f"dead letter {id} was {kept.state} before{_by(kept)}")
    here.answer(dead_letter_to_wire(kept), lambda: _discarded(kept), as_json=json)


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


def _view(found: Sequence[KeptDelivery], more: str | None, columns: int) -> RenderableType:
    further = more_after(more)
    if not found:
        return above(note("no dead letters here"), further)
    wide = columns >= WIDE_COLUMNS
    decided = wide or any(kept.state != "open" for kept in found)
    about = [*(["state"] if decided else []), *(["set aside", "checkout"] if wide else [])]
    tries = ["tries"] if wide else []
    made = table("id", *about, "group, event", *tries, "reason", right=tries, whole=("id", "group, event"))
    for kept in found:
        made.add_row(*_row(kept, decided=decided, wide=wide))
    return above(made, further or note(f"all that is known of one: comptoir dead-letters show {found[0].id}"))


def _row(kept: KeptDelivery, *, decided: bool, wide: bool) -> list[RenderableType]:
    when, checkout = Text(day_and_time(kept.set_aside_at_s)), Text(plain(kept.checkout_id or "-"), "cyan")
    return [
        Text(kept.id, "dim"),
        *([_state(kept)] if decided else []),
        *([when, checkout] if wide else []),
        Text.assemble(kept.group, ("\n" + plain(kept.type or "no type"), "dim")),
        *([str(kept.attempts)] if wide else []),
        Text(plain(kept.reason), "red"),
    ]


def _letter(kept: KeptDelivery) -> RenderableType:
    original: list[tuple[str, RenderableType]] = [
        (plain(name), plain(value, chars_max=FIELD_CHARS_MAX)) for name, value in kept.original.items()
    ]
    return above(
        titled(heading("dead letter", kept.id, _state(kept)), _facts(kept)),
        titled(Text("the entry", "bold"), original),
        _traceback(kept),
    )


def _facts(kept: KeptDelivery) -> list[tuple[str, RenderableType]]:
    tried = count_of(kept.attempts, "attempt")
    facts: list[tuple[str, RenderableType]] = [
        ("group", kept.group),
        ("type", plain(kept.type or "no type")),
        ("checkout", Text(plain(kept.checkout_id or "-"), "cyan")),
        ("position", kept.position),
        ("set aside", f"{date_and_time(kept.set_aside_at_s)}, after {tried}"),
        ("reason", Text(plain(kept.reason, chars_max=FIELD_CHARS_MAX), "red")),
        ("first error", plain(kept.first_error, chars_max=FIELD_CHARS_MAX)),
    ]
    if kept.last_error != kept.first_error:
        facts.append(("last error", plain(kept.last_error, chars_max=FIELD_CHARS_MAX)))
    if kept.decision is not None:
        when = date_and_time(kept.decision.at_s)
        facts.append(("decided", f"{when}{_by(kept)}: {plain(kept.decision.reason or '-')}"))
    return facts


def _traceback(kept: KeptDelivery) -> RenderableType | None:
    if not kept.traceback:
        return None
    lines = kept.traceback.splitlines()
    left_out = len(lines) - TRACEBACK_LINES_MAX
    shown = [f"… {count_of(left_out, 'line')} more with --json", ""] if left_out > 0 else []
    shown += [plain(line) for line in lines[-TRACEBACK_LINES_MAX:]]
    return Text("\n".join(shown), "dim")


def _redriven(answers: Mapping[str, Redrive], *, every: bool) -> RenderableType:
    if not answers:
        return note("no dead letters here")
    number = Counter(answers.values())["redriven"]
    whole = f"{number:,} of {count_of(len(answers), 'dead letter')} to be tried again"
    said = sentence(whole, fresh=number == len(answers))
    made = table("id", "what became of it")
    for id_, outcome in answers.items():
        made.add_row(Text(id_, "dim"), Text(outcome, "green" if outcome == "redriven" else "red"))
    full = every and len(answers) == REDRIVE_MAX
    return above(said, made, note("that is as many as go at once; repeat it for more") if full else None)


def _discarded(kept: KeptDelivery) -> RenderableType:
    return sentence(heading("dead letter", kept.id), f" discarded{_by(kept)}")


def _state(kept: KeptDelivery) -> Text:
    return Text(kept.state, _COLOURS[kept.state])


def _by(kept: KeptDelivery) -> str:
    return f" by {plain(kept.decision.actor)}" if kept.decision else ""
