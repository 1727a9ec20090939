"""`comptoir events`: what lies on a stream."""

from functools import partial
from typing import Annotated

import orjson
from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import RenderableType
from rich.text import Text

from adapters.http.rendering.shop import page_to_wire
from application.events.streams import CHECKOUTS, INVENTORY, STREAMS
from application.ports.event_store import Page, StoredEntry
from domain.identifiers import identifier
from entrypoints.commands.endings import Ended, position_given_as
from entrypoints.commands.follow_events import Only, follow_stream, no_such_stream
from entrypoints.commands.look import WIDE_COLUMNS, above, heading, more_after, note, table
from entrypoints.commands.parameters import PAGE_DEFAULT, PAGE_MAX, After, Json, flag
from entrypoints.commands.session import Here
from entrypoints.commands.wording import day_and_time, plain
from entrypoints.exit_codes import ExitCode

WITHOUT_PAYLOAD_COLUMNS = 82
LINE_CHARS_MAX = 1_000
_SAID_ELSEWHERE = {"checkout_id", "produit_id", "emitted_at"}

Stream = Annotated[str, Parameter(name="--stream", help=f"{' or '.join(STREAMS)}.")]
Limit = Annotated[
    int | None,
    Parameter(
        name="--count",
        validator=Number(gte=1, lte=PAGE_MAX),
        help=f"How many at most, 1 to {PAGE_MAX}: {PAGE_DEFAULT}, or with --follow as many as come.",
    ),
]
Type = Annotated[str | None, Parameter(name="--type", help="Only events of this type.")]
Checkout = Annotated[str | None, Parameter(name="--checkout", help="With --follow: only of this checkout.")]
NewestFirst = Annotated[bool, flag("--newest-first", "From the end backwards.")]
Follow = Annotated[
    bool, flag("--follow", "Show what comes, from now on or --after a position (0-0: all), until Ctrl-C.")
]


def events(
    stream: Stream = CHECKOUTS,
    *,
    count: Limit = None,
    after: After = None,
    type: Type = None,
    checkout: Checkout = None,
    newest_first: NewestFirst = False,
    follow: Follow = False,
    json: Json = False,
    here: Here,
) -> ExitCode:
    """List the events of a stream, whoever wrote them; or follow them as they come, a line an event."""
    if follow and newest_first:
        raise Ended(ExitCode.USAGE, "--follow goes forwards, --newest-first backwards: choose one")
    if checkout is not None and not follow:
        raise Ended(ExitCode.USAGE, "--checkout goes with --follow; what has been so far: comptoir replay")
    with position_given_as("--after"):
        if follow:
            only = Only(after=after, type=type, checkout_id=checkout and identifier(checkout, "--checkout"))
            return follow_stream(here, stream, only, count, None if json else partial(_line, _about(stream)))
        page = here.shop.lister().page(
            stream, count=count or PAGE_DEFAULT, after=after, newest_first=newest_first, type=type
        )
    if page is None:
        raise no_such_stream(stream)
    here.answer(page_to_wire(stream, page), lambda: _view(stream, page, here.console.width), as_json=json)
    return ExitCode.FINE


def _view(stream: str, page: Page, columns: int) -> RenderableType:
    more = more_after(page.next)
    if not page.entries:
        return above(note("nothing here"), more)
    about = _about(stream)
    wide = columns >= WIDE_COLUMNS
    made = table("position", "recorded", "type", about, "nth", *(["payload"] if wide else []), right=("nth",))
    for entry in page.entries:
        row = _row(entry, about)
        made.add_row(*row, _payload(entry, columns - WITHOUT_PAYLOAD_COLUMNS)) if wide else made.add_row(*row)
    return above(heading("stream", stream), made, more)


def _about(stream: str) -> str:
    return "product" if stream == INVENTORY else "checkout"


def _line(about: str, entry: StoredEntry) -> Text:
    """An event on a line of its own, which may be as long as the event is."""
    position, when, type_, subject, version = _row(entry, about)
    said = _payload(entry, LINE_CHARS_MAX)
    return Text("  ").join([position, Text(when), type_, subject, Text(version), said])


def _row(entry: StoredEntry, about: str) -> tuple[Text, str, Text, Text, str]:
    payload = entry.payload if isinstance(entry.payload, dict) else {}
    subject = payload.get("produit_id") if about == "product" else entry.checkout_id
    type_ = Text(plain(entry.type or "no type"), "red" if entry.malformed or not entry.type else "")
    return (
        Text(entry.position, "dim"),
        day_and_time(entry.recorded_at_s),
        type_,
        Text(plain(subject or "-"), "cyan"),
        str(entry.version or "-"),
    )


def _payload(entry: StoredEntry, chars_max: int) -> Text:
    if entry.malformed is not None:
        return Text(plain(entry.malformed), "red")
    payload = entry.payload
    if isinstance(payload, dict):
        payload = {name: value for name, value in payload.items() if name not in _SAID_ELSEWHERE}
    return Text(plain(orjson.dumps(payload).decode(), chars_max=chars_max), "dim")
