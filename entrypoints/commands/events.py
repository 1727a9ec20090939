"""`comptoir events`: what lies on a stream."""

from typing import Annotated

import orjson
from cyclopts import Parameter
from rich.console import RenderableType
from rich.text import Text

from adapters.http.rendering import page_to_wire
from application.ports.event_store import Page, StoredEntry
from application.streams import INVENTORY, STREAMS
from entrypoints.commands.endings import not_found, position_given_as
from entrypoints.commands.look import WIDE_COLUMNS, above, heading, note, table
from entrypoints.commands.parameters import PAGE_DEFAULT, After, Count, Json, flag
from entrypoints.commands.session import Here
from entrypoints.commands.wording import day_and_time, plain

WITHOUT_PAYLOAD_COLUMNS = 82
_SAID_ELSEWHERE = {"checkout_id", "produit_id", "emitted_at"}

Stream = Annotated[str, Parameter(name="STREAM", help=f"{' or '.join(STREAMS)}.")]
Type = Annotated[str | None, Parameter(name="--type", help="Only events of this type.")]
NewestFirst = Annotated[bool, flag("--newest-first", "From the end backwards.")]


def events(
    stream: Stream,
    /,
    *,
    count: Count = PAGE_DEFAULT,
    after: After = None,
    type: Type = None,
    newest_first: NewestFirst = False,
    json: Json = False,
    here: Here,
) -> None:
    """List the events of a stream, whoever wrote them."""
    lister = here.shop.lister()
    with position_given_as("--after"):
        page = lister.page(stream, count=count, after=after, newest_first=newest_first, type=type)
    if page is None:
        raise not_found(f"stream {stream}; there are {', '.join(STREAMS)}")
    here.answer(page_to_wire(stream, page), lambda: _view(stream, page, here.console.width), as_json=json)


def _view(stream: str, page: Page, columns: int) -> RenderableType:
    more = note(f"there is more: --after {page.next}") if page.next else None
    if not page.entries:
        return above(note("nothing here"), more)
    about = "product" if stream == INVENTORY else "checkout"
    wide = columns >= WIDE_COLUMNS
    made = table("position", "recorded", "type", about, "nth", *(["payload"] if wide else []), right=("nth",))
    for entry in page.entries:
        row = _row(entry, about)
        made.add_row(*row, _payload(entry, columns - WITHOUT_PAYLOAD_COLUMNS)) if wide else made.add_row(*row)
    return above(heading("stream", stream), made, more)


def _row(entry: StoredEntry, about: str) -> tuple[RenderableType, ...]:
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
