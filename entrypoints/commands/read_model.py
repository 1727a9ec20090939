"""`comptoir read-model`: building the orders by client again."""

import contextlib
from collections.abc import Callable, Iterator

import attrs
from cyclopts import App
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from application.events.streams import CHECKOUTS
from application.ports.errors import EditionGone
from application.ports.event_bus import Subscription
from application.requests.rebuild_orders import Rebuilt
from domain.checkout.saga import CQRS_PROJECTION, STEPS
from entrypoints import exit_codes
from entrypoints.commands.durations import in_words
from entrypoints.commands.endings import Ended
from entrypoints.commands.look import above, note
from entrypoints.commands.parameters import Json
from entrypoints.commands.session import Here, Session
from entrypoints.commands.wording import count_of
from entrypoints.exit_codes import ExitCode

app = App(
    name="read-model",
    help="Build the orders by client again, from the stream.",
    help_epilogue=exit_codes.HINT,
)


@app.command
def rebuild(*, json: Json = False, here: Here) -> None:
    """Build it again beside the one that is shown, then show it. Everything may go on meanwhile.

    Clients see the old one until the new one is whole. Interrupted, it changes nothing; run it again.
    """
    began_s = here.monotonic_s()
    try:
        with _told(here.console, _entries(here), json=json) as progress:
            rebuilt = here.shop.orders_rebuilder().rebuild(progress)
    except EditionGone as error:
        raise Ended(ExitCode.REFUSED, f"{error}, by another `read-model rebuild`: this one ends") from error
    took_s = here.monotonic_s() - began_s
    wire = {**attrs.asdict(rebuilt), "took_s": round(took_s, 3)}
    here.answer(wire, lambda: _view(rebuilt, took_s), as_json=json)


def _entries(here: Session) -> int:
    projection = Subscription(stream=CHECKOUTS, group=STEPS[CQRS_PROJECTION].group, consumer="cli")
    return int(here.shop.event_bus().backlog(projection).stream_events)


@contextlib.contextmanager
def _told(console: Console, entries: int, *, json: bool) -> Iterator[Callable[[Rebuilt], object]]:
    """Shows on a terminal how far it is."""
    columns = (TextColumn("entries"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    shown = Progress(*columns, console=console, transient=True, disable=json or not console.is_terminal)
    with shown:
        task = shown.add_task("", total=entries)
        yield lambda rebuilt: shown.update(task, completed=rebuilt.entries)


def _view(rebuilt: Rebuilt, took_s: float) -> RenderableType:
    said = f"{count_of(rebuilt.rows, 'row')} from {rebuilt.entries:,} entries in {in_words(took_s)}"
    made = Text.assemble(("✓ ", "green"), f"the read model was built again: {said}")
    return above(made, note("does it agree? comptoir verify"))
