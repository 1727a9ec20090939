"""What a person who starts the service sees."""

import contextlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import attrs
from rich.console import Console
from rich.table import Table
from rich.text import Text

from entrypoints.up.child import Child
from entrypoints.up.news import News


@attrs.frozen(kw_only=True)
class Summary:
    """What there is to know once everything runs."""

    url: str
    kept_by: str
    children: Sequence[Child]
    data_dir: Path
    logs: Path
    commands: Sequence[str]


class Screen:
    """Progress, notes and the summary. A terminal that has gone away stops nothing."""

    def __init__(self, console: Console | None = None) -> None:
        self._console: Final = console or Console()

    @contextlib.contextmanager
    def starting(self) -> Iterator[None]:
        """Shows, on a terminal, that something is going on."""
        with self._console.status("starting ..."):
            yield

    def ready(self, child: Child, after_s: float) -> None:
        """One more that answers."""
        self._say(f"  {child.name} is ready ({after_s:.1f} s)")

    def note(self, news: News) -> None:
        """Something an operator may want to know later, so with the time of day."""
        self._say(f"{time.strftime('%H:%M:%S')} {news.text}")

    def warn(self, text: str) -> None:
        """What is not as it should be, of the server."""
        self._say(f"{time.strftime('%H:%M:%S')} warning: {text}")

    def doubt(self, text: str) -> None:
        """What of the settings is hardly as it was meant."""
        self.warn(text)

    def stopping(self) -> None:
        """It has been asked to."""
        self._say("stopping ...")

    def stopped(self) -> None:
        """The last word."""
        self._say("stopped")

    def summary(self, summary: Summary) -> None:
        """The short screen at the end of the start."""
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in ("name", "pid", "at"):
            table.add_column(heading, no_wrap=True, overflow="fold")
        for child in summary.children:
            table.add_row(child.name, str(child.pid or "-"), child.program.shown_at)
        with contextlib.suppress(OSError):
            self._console.print()
            at = Text.assemble("Comptoir is at ", (summary.url, "bold"), f"; its API: {summary.url}/docs")
            self._console.print(at, soft_wrap=True)
            self._console.print()
            self._console.print(table)
            self._console.print()
        self._say(f"Events are kept by {summary.kept_by}. Data: {summary.data_dir}, logs: {summary.logs}")
        self._say("Try, in another terminal:")
        for command in summary.commands:
            self._say(f"  {command}")
        self._say("Ctrl-C stops everything, in order.")

    def _say(self, text: str) -> None:
        with contextlib.suppress(OSError):
            self._console.print(text, soft_wrap=True, markup=False, highlight=False)
