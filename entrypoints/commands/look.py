"""The look that all commands share: tables, headings, the colour of a status."""

from collections.abc import Sequence
from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from entrypoints.commands.wording import plain

WIDE_COLUMNS: Final = 105
"""A screen at least this wide has room for a column of details."""

_STATUS: Final = {
    "succeeded": ("✓", "green"),
    "failed": ("✗", "red"),
    "initiated": ("●", "yellow"),
    "created": ("●", "yellow"),
}


def table(*headings: str, right: Sequence[str] = (), whole: Sequence[str] = ()) -> Table:
    """A table without borders. Columns in `right` are numbers; those in `whole` are never wrapped."""
    made = Table(
        box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold", show_edge=False
    )
    for heading in headings:
        made.add_column(
            heading,
            justify="right" if heading in right else "left",
            no_wrap=heading in whole,
            overflow="fold",
        )
    return made


def titled(title: Text, rows: Sequence[tuple[str, RenderableType]]) -> RenderableType:
    """A title, and below it what is known, one name and value a line."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim")
    grid.add_column(overflow="fold")
    for name, value in rows:
        grid.add_row(name, value)
    return Group(title, grid)


def status(word: str) -> Text:
    """A status with its mark and colour."""
    mark, style = _STATUS[word]
    return Text(f"{mark} {word}", style)


def heading(kind: str, name: str, state: Text | None = None) -> Text:
    """What an answer is about, and how that stands."""
    made = Text.assemble((f"{kind} ", "bold"), (plain(name), "bold cyan"))
    return made if state is None else Text.assemble(made, "  ", state)


def note(text: str) -> Text:
    """A remark below an answer."""
    return Text(text, "dim")


def more_after(cursor: str | None) -> Text | None:
    """How to see what did not fit on the page."""
    return note(f"there is more: --after {cursor}") if cursor else None


def sentence(*parts: str | Text | tuple[str, str], fresh: bool = True) -> Text:
    """A sentence about an act: `fresh` if it was done now, and not before."""
    return Text.assemble(("✓ ", "green") if fresh else ("● ", "yellow"), *parts)


def above(*parts: RenderableType | None) -> Group:
    """The parts that there are, one above the other, an empty line between them."""
    there = [part for part in parts if part is not None]
    return Group(*[shown for part in there for shown in (Text(), part)][1:])


def share(part: int, rest: int, most: int, width: int = 20) -> Text:
    """A bar for `part` and one for `rest`, to the scale on which `most` fills `width`."""
    scale = width / max(most, 1)
    whole = round((part + rest) * scale)
    filled = min(whole, round(part * scale))
    return Text.assemble(("█" * filled, "green"), ("░" * (whole - filled), "yellow"))
