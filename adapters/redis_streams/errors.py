"""The one boundary where the driver's errors become the ports'."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import RedisError

from application.ports.errors import Unavailable


@contextmanager
def translated() -> Iterator[None]:
    """Raise `Unavailable` from whatever the driver raises: the server is away, full, loading, read-only."""
    try:
        yield
    except RedisError as error:
        raise Unavailable(f"{type(error).__name__}: {error}") from error
