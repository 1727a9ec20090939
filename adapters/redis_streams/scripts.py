"""The Lua files beside this one, as callables."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from redis import Redis

Argument = str | bytes | int | float


def source_of(name: str) -> str:
    """The text of `<name>.lua`."""
    return (Path(__file__).parent / f"{name}.lua").read_text()


class Script:
    """A script that writes; the server keeps it, and is sent it again after it forgot."""

    def __init__(self, client: "Redis", name: str) -> None:
        self._registered = client.register_script(source_of(name))

    def __call__(self, keys: Sequence[str], args: Sequence[Argument]) -> Any:
        return self._registered(keys=list(keys), args=list(args))


class ReadScript:
    """A script that cannot write: the server sees to that, so a user with read commands may run it."""

    def __init__(self, client: "Redis", name: str, command: str = "EVAL_RO") -> None:
        self._run: Callable[..., Any] = client.execute_command
        self._command = command
        self._source = source_of(name)

    def __call__(self, keys: Sequence[str], args: Sequence[Argument] = ()) -> Any:
        return self._run(self._command, self._source, len(keys), *keys, *args)
