"""`comptoir checkouts stuck`: which checkouts wait, on which step, since when, why, and what can be done."""

from collections.abc import Sequence
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from adapters.http.rendering.operations import stuck_to_wire
from application.questions.find_stuck import StuckCheckout
from domain.checkout.evolving import OPERATOR
from entrypoints import exit_codes
from entrypoints.commands.durations import duration_s, in_words
from entrypoints.commands.endings import position_given_as
from entrypoints.commands.look import WIDE_COLUMNS, above, more_after, note, table
from entrypoints.commands.parameters import PAGE_DEFAULT, After, Count, Json
from entrypoints.commands.session import Here
from entrypoints.commands.wording import day_and_time, plain

WHY_CHARS_MAX = 400

app = App(name="checkouts", help="See which checkouts wait, and for what.", help_epilogue=exit_codes.HINT)

OlderThan = Annotated[
    str, Parameter(name="--older-than", help="Only those that began at least so long ago: 90s, 5m, 2h.")
]


@app.command
def stuck(
    *,
    older_than: OlderThan = "5m",
    count: Count = PAGE_DEFAULT,
    after: After = None,
    json: Json = False,
    here: Here,
) -> None:
    """List open checkouts, oldest first: what each waits for, since when, why, and what can be done."""
    age_s = duration_s(older_than, "--older-than")
    with position_given_as("--after", "a cursor from `next`"):
        found, cursor = here.shop.stuck_finder().older_than(age_s, count=count, after=after)
    now_s = here.shop.clock().now_s()
    more = more_after(cursor)

    def view() -> RenderableType:
        if not found and more is None:
            return note(f"no checkout has been open for {older_than}" if age_s else "no checkout is open")
        return above(_rows(found, now_s, wide=here.console.width >= WIDE_COLUMNS), more)

    here.answer(stuck_to_wire(found, cursor), view, as_json=json)


def _rows(found: Sequence[StuckCheckout], now_s: float, *, wide: bool) -> Table:
    details = ["began", "last fact"] if wide else []
    made = table("checkout", "waits for", "since", *details, "why", right=("since",), whole=("since",))
    for stuck in found:
        about = [day_and_time(stuck.opened_s), stuck.last_fact] if wide else []
        made.add_row(
            Text(plain(stuck.view.checkout_id), "cyan"),
            Text(stuck.next.worker, "red" if stuck.next.worker == OPERATOR else "yellow"),
            in_words(now_s - stuck.next.since_s),
            *about,
            Text.assemble(plain(stuck.next.why, chars_max=WHY_CHARS_MAX), "\n", (stuck.next.advice, "dim")),
        )
    return made
