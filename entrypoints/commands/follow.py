"""Watching a checkout until it ends."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from application.questions.replay_checkout import Replay
from entrypoints.commands.look import heading, status
from entrypoints.commands.session import Session
from entrypoints.commands.views.explanation import no_checkout
from entrypoints.commands.views.story import awaited, fact, said, standing, steps, times, took
from entrypoints.commands.wording import date_and_time
from entrypoints.exit_codes import ExitCode

POLL_INTERVAL_S: Final = 0.05

Show = Callable[[Replay], None]


def replayed(here: Session, checkout_id: str) -> Replay:
    """The checkout as it stands. Raises Ended where there is none."""
    replay = here.shop.replayer().replay(checkout_id)
    if replay is None:
        raise no_checkout(checkout_id)
    return replay


def watch(here: Session, checkout_id: str, *, timeout_s: float, show: Show) -> Replay:
    """Show the checkout each time it has moved, until it has ended or time is up. Gives how it then stood."""
    give_up_at_s = here.monotonic_s() + timeout_s
    version = 0
    while True:
        replay = replayed(here, checkout_id)
        if replay.version != version:
            show(replay)
            version = replay.version
        left_s = give_up_at_s - here.monotonic_s()
        if awaited(replay) is None or left_s <= 0:
            return replay
        here.sleep_s(min(POLL_INTERVAL_S, left_s))


def ended_as(replay: Replay) -> ExitCode:
    """The exit code that tells how a checkout that was followed stands."""
    match replay.view.status:
        case "succeeded":
            return ExitCode.FINE
        case "failed":
            return ExitCode.FAILED
        case "initiated":
            return ExitCode.OPEN


@contextlib.contextmanager
def display_on(console: Console) -> Iterator[Show]:
    """A display that is drawn over again on a terminal, and grows line by line elsewhere."""
    if not console.is_terminal:
        yield _Lines(console).show
        return
    waiting = Spinner("dots", style="yellow")
    with Live(console=console, refresh_per_second=10) as live:
        yield lambda replay: live.update(_drawn(replay, waiting), refresh=True)


def _drawn(replay: Replay, waiting: Spinner) -> RenderableType:
    awaits = awaited(replay)
    if awaits is None:
        last: RenderableType = Text(f"ended after {took(replay)}", "dim")
    else:
        waiting.update(text=Text(f"waiting for {awaits}", "dim"))
        last = waiting
    return Group(standing(replay), Text(), steps(replay), Text(), last)


class _Lines:
    """One line a fact, as they come."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown = 0

    def show(self, replay: Replay) -> None:
        if self._shown == 0:
            began = date_and_time(replay.events[0].recorded.recorded_at_s)
            self._say(Text.assemble(heading("checkout", replay.view.checkout_id), f"  started {began}"))
        for event, when in list(zip(replay.events, times(replay), strict=True))[self._shown :]:
            name = fact(event)
            name.pad_right(max(0, 23 - len(name)))
            self._say(Text.assemble(f"{when:>12}  ", name, f"  {said(event.recorded)}"))
        self._shown = len(replay.events)
        if awaited(replay) is None:
            self._say(Text.assemble(status(replay.view.status), f" after {took(replay)}"))

    def _say(self, line: Text) -> None:
        self._console.print(line, soft_wrap=True)
