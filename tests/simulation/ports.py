"""The ports as the code under simulation sees them."""

from collections.abc import Callable
from typing import Protocol


class Crash(BaseException):
    """The process is gone: no `except` of the code under simulation may catch this."""


class Surroundings(Protocol):
    """Where a port is called."""

    def call(self, name: str, method: Callable[..., object], *args: object, **kwargs: object) -> object:
        """One call of the port, with whatever happens before and after it."""


class Port:
    """Around a real port: each call is a moment for others and for faults. It has whatever methods the real
    one has."""

    def __init__(self, around: Surroundings, name: str, real: object) -> None:
        self._around, self._name, self._real = around, name, real

    def __getattr__(self, call: str) -> Callable[..., object]:
        around, name, method = self._around, f"{self._name}.{call}", getattr(self._real, call)

        def through(*args: object, **kwargs: object) -> object:
            return around.call(name, method, *args, **kwargs)

        self.__dict__[call] = through
        return through
