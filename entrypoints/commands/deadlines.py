"""`comptoir deadlines`: when each open checkout's time is up, and more time for one."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from cyclopts import App, Parameter
from rich.console import RenderableType
from rich.text import Text

from adapters.http.rendering.operations import deadlines_to_wire
from application.ports.deadlines import Deadlines
from domain.checkout.commands import PostponeDeadline
from domain.checkout.events import DeadlinePostponed
from domain.errors import CheckoutEnded, CheckoutFailing
from domain.identifiers import identifier
from entrypoints import exit_codes
from entrypoints.commands.acting import Actor, Reason, actor_of
from entrypoints.commands.durations import duration_s, in_words, moment_s
from entrypoints.commands.endings import Ended, position_given_as
from entrypoints.commands.follow import replayed
from entrypoints.commands.interventions import act
from entrypoints.commands.look import above, more_after, note, table
from entrypoints.commands.parameters import PAGE_DEFAULT, PAGE_MAX, After, CheckoutId, Count, Json
from entrypoints.commands.session import Here, Session
from entrypoints.commands.wording import date_and_time, plain
from entrypoints.exit_codes import ExitCode

LOOKED_AT_MAX: Final = 20_000  # deadlines that are looked through for one

_TOO_LATE: Final[Mapping[str, type[CheckoutEnded] | type[CheckoutFailing]]] = {
    "succeeded": CheckoutEnded,
    "failed": CheckoutEnded,
    "compensating": CheckoutFailing,
    "compensation_failed": CheckoutFailing,
}

app = App(
    name="deadlines",
    help="See when each open checkout's time is up, and give one more of it.",
    help_epilogue=exit_codes.HINT,
)

Until = Annotated[
    str | None,
    Parameter(name="--until", help="The new deadline: epoch seconds, or 2026-03-01T14:30 (local time)."),
]
By = Annotated[
    str | None, Parameter(name="--by", help="So much later than its deadline is now: 90s, 10m, 2h.")
]


@app.command(name="list")
def list_upcoming(
    *, count: Count = PAGE_DEFAULT, after: After = None, json: Json = False, here: Here
) -> None:
    """List the deadlines of open checkouts, earliest first."""
    with position_given_as("--after", "a cursor from `next`"):
        found, more = here.shop.deadlines().upcoming(count=count, after=after)
    now_s = here.shop.clock().now_s()
    here.answer(deadlines_to_wire(found, more), lambda: _view(found, more, now_s), as_json=json)


@app.command
def postpone(
    id: CheckoutId,
    /,
    *,
    until: Until = None,
    by: By = None,
    reason: Reason,
    actor: Actor = None,
    json: Json = False,
    here: Here,
) -> None:
    """Give a checkout more time, until a moment or by a duration."""
    checkout_id = identifier(id, "ID")
    if until is not None and by is None:
        until_s = moment_s(until, "--until")
    elif by is not None and until is None:
        until_s = duration_s(by, "--by") + _due_s(here, checkout_id)
    else:
        raise Ended(ExitCode.USAGE, "postpone takes one of --until and --by")
    command = PostponeDeadline(actor=actor_of(here, actor), reason=reason, expires_at_s=until_s)
    moment = date_and_time(until_s)
    act(here, checkout_id, command, f"has time until {moment}", f"had time until {moment}", as_json=json)


@app.command
def cancel(id: CheckoutId, /, *, reason: Reason, actor: Actor = None, json: Json = False, here: Here) -> None:
    """Let a checkout take all the time it needs."""
    command = PostponeDeadline(actor=actor_of(here, actor), reason=reason, expires_at_s=None)
    act(here, id, command, "has no deadline any more", "had no deadline before", as_json=json)


def _due_s(here: Session, checkout_id: str) -> float:
    """Its deadline as it is now. What a person has said of it may not be on the timetable yet."""
    replay = replayed(here, checkout_id)
    if replay.view.step in _TOO_LATE:
        raise _TOO_LATE[replay.view.step](checkout_id)
    events = [event.recorded.event for event in replay.events]
    said = [event for event in events if isinstance(event, DeadlinePostponed)]
    due_s = said[-1].expires_at_s if said else _on_timetable(here.shop.deadlines(), checkout_id)
    if due_s is None:
        raise Ended(ExitCode.REFUSED, f"checkout {checkout_id} has no deadline now; name one with --until")
    return due_s


def _on_timetable(deadlines: Deadlines, checkout_id: str) -> float | None:
    after: str | None = None
    for _ in range(LOOKED_AT_MAX // PAGE_MAX):
        page, after = deadlines.upcoming(count=PAGE_MAX, after=after)
        for id_, due_s in page:
            if id_ == checkout_id:
                return due_s
        if after is None:
            break
    return None


def _view(found: Sequence[tuple[str, float]], more: str | None, now_s: float) -> RenderableType:
    if not found:
        return note("no checkout has a deadline")
    made = table("checkout", "deadline", "time left")
    for id_, due_s in found:
        left_s = due_s - now_s
        when = f"in {in_words(left_s)}" if left_s > 0 else f"{in_words(-left_s)} ago"
        made.add_row(Text(plain(id_), "cyan"), date_and_time(due_s), Text(when, "" if left_s > 0 else "red"))
    return above(made, more_after(more))
