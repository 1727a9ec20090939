"""Idempotency keys: what is asked again with the same key happens once."""

import contextlib
from collections.abc import Iterator
from typing import Annotated

from cyclopts import Parameter

from application.ports.errors import Unavailable
from application.requests.idempotency_key import checked_key
from application.requests.start_checkout import IdempotencyKeyReused
from domain.errors import InvalidValue

Key = Annotated[
    str | None,
    Parameter(name="--key", help="Idempotency key: repeated with the same key, it happens once."),
]


@contextlib.contextmanager
def asking_with(key: str | None) -> Iterator[None]:
    """Ask for something to be written, under `key` if there is one.

    Raises:
        InvalidValue: it cannot be a key, or it came with another request before.
        Unavailable: from within, with a note on how to ask again.
    """
    if key is not None:
        checked_key(key, "--key")
    try:
        yield
    except IdempotencyKeyReused as error:
        raise InvalidValue(
            "--key", "must be new for every new request; this one came with another"
        ) from error
    except Unavailable as error:
        advice = "repeat it as it is" if key else "with --key it can be repeated safely"
        error.add_note(f"(whether anything was written is not known; {advice})")
        raise
