"""A terminal for tests: commands run in this process, on a shop in memory, and nobody waits."""

import contextlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs
import pytest
from cyclopts import App, ArgumentCollection

from entrypoints.cli import run
from entrypoints.commands.session import Screen, Session
from entrypoints.container import Container
from entrypoints.settings import Settings
from tests.shop import Shop


@attrs.frozen(kw_only=True)
class Outcome:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its one line of JSON."""
        assert self.out.count("\n") == 1
        return json.loads(self.out)


ELSEWHERE: Final = "no-such-directory"
"""Whoever runs the tests may have data of their own in the default one."""


@attrs.define(kw_only=True)
class Terminal:
    """`while_waiting` happens each time a command pauses; the time it then has waited has passed."""

    shop: Shop = attrs.Factory(Shop)
    columns: int = 80
    is_terminal: bool = False
    environment: Mapping[str, str] = attrs.Factory(dict)
    while_waiting: Callable[[], object] = lambda: None
    now_s: float = 0.0

    def run(self, *tokens: str, stdin: bytes = b"") -> Outcome:
        """Run one command."""
        out, err = io.StringIO(), io.StringIO()
        session = Session(
            environment={"DATA_DIR": ELSEWHERE, **self.environment},
            open_shop=self._opened,
            console=Screen(
                file=out, width=self.columns, force_terminal=self.is_terminal, _environ=self.environment
            ),
            stdin=lambda: io.BytesIO(stdin),
            monotonic_s=lambda: self.now_s,
            sleep_s=self._wait,
        )
        with contextlib.redirect_stderr(err), pytest.MonkeyPatch.context() as patch:
            patch.setattr(App, "assemble_argument_collection", _arguments)
            code = run(tokens, session)
        return Outcome(code=code, out=out.getvalue(), err=err.getvalue())

    @contextlib.contextmanager
    def _opened(self, _settings: Settings) -> Iterator[Container]:
        yield self.shop.container

    def _wait(self, seconds: float) -> None:
        self.now_s += seconds
        self.while_waiting()


_assemble: Final = App.assemble_argument_collection
_assembled: Final[dict[tuple[int, bool], tuple[App, ArgumentCollection]]] = {}


def _arguments(command: App, *, parse_docstring: bool = False) -> ArgumentCollection:
    """As cyclopts puts them together, but once for all tests: it does so anew whenever a command is run."""
    key = (id(command), parse_docstring)
    if key not in _assembled:
        _assembled[key] = command, _assemble(command, parse_docstring=parse_docstring)
    return _assembled[key][1].copy(reset_tokens=True)
