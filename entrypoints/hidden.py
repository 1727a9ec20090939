"""What libraries import where they find it, and we have no use for."""

import contextlib
import sys
from collections.abc import Iterator
from typing import Final

_OFFERED: Final = ("rich", "opentelemetry")


@contextlib.contextmanager
def hidden(*more: str) -> Iterator[None]:
    """Let nobody find these meanwhile: structlog, dependency-injector and redis import them where they are, a
    fifth of the start, to offer what is not used here. What is imported already stays."""
    hiding = [module for module in (*_OFFERED, *more) if module not in sys.modules]
    sys.modules.update(dict.fromkeys(hiding))  # type: ignore[arg-type]  # None: there is no such module
    try:
        yield
    finally:
        for module in hiding:
            del sys.modules[module]
