"""What a command is given: settings, use cases, a screen, a clock. Tests give another one."""

import os
import select
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Self

import attrs
import orjson
from cyclopts import Parameter
from rich.console import Console, RenderableType

from entrypoints.commands.connection import open_shop
from entrypoints.settings import Settings

if TYPE_CHECKING:
    from entrypoints.wiring.desks import Desks


class Screen(Console):
    """A terminal, or a file. What it is told to show is text, whatever is in it: no markup, no emoji."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **options)

    def on_broken_pipe(self) -> None:
        """A reader that has gone ends the command, and not with a code of rich's own."""
        raise BrokenPipeError

    def has_no_reader(self) -> bool:
        """Whether whoever read what is shown has gone: of a pipe, that is known before anything is shown."""
        try:
            output = self.file.fileno()
        except (OSError, ValueError):
            return False
        poll = select.poll()
        poll.register(output, 0)
        return any(told & (select.POLLERR | select.POLLHUP) for _, told in poll.poll(0))


@attrs.define(kw_only=True)
class Session:
    """Everything a command reaches for, made when it is first asked for."""

    environment: Mapping[str, str] = attrs.Factory(lambda: os.environ)
    open_shop: "Callable[[Settings], AbstractContextManager[Desks]]" = open_shop
    console: Screen = attrs.Factory(Screen)
    stdin: Callable[[], BinaryIO] = lambda: sys.stdin.buffer
    monotonic_s: Callable[[], float] = time.monotonic
    now_s: Callable[[], float] = time.time
    sleep_s: Callable[[float], None] = time.sleep
    _to_close: ExitStack = attrs.field(factory=ExitStack, init=False)

    @cached_property
    def settings(self) -> Settings:
        """What the environment says. Raises SettingsError."""
        return Settings.from_environment(self.environment)

    @cached_property
    def shop(self) -> "Desks":
        """The use cases. Raises Ended where no server is known."""
        return self._to_close.enter_context(self.open_shop(self.settings))

    def answer(self, wire: object, view: Callable[[], RenderableType], *, as_json: bool) -> None:
        """Show `view` to people, or `wire` to programs: one compact JSON document on one line."""
        if as_json:
            self.console.file.write(orjson.dumps(wire).decode() + "\n")
            self.console.file.flush()
        else:
            self.console.print(view())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._to_close.close()


Here = Annotated[Session, Parameter(parse=False)]
"""The session, as a parameter that is given by the program and not by the command line."""
