"""The one boundary where the driver's errors become the ports'."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from redis.exceptions import RedisError

from application.ports.errors import Unavailable

NO_GROUP: Final = "NOGROUP"
"""How an error begins that says that a group is not there, or its stream is not."""
NO_SUCH_KEY: Final = "no such key"
"""What an error says, in small letters, of a stream that is not there, where no group was named."""
GONE_WHILE_WAITING: Final = "UNBLOCKED"
"""How Redis before 7.2 begins, to whoever was waiting when the stream was deleted."""

_QUOTED: Final = re.compile(
    r"^Command # \d+ \(.*\) of pipeline caused error: |,? with args beginning with: .*", re.DOTALL
)
"""Events that were sent: the client quotes them in a pipeline, the server in a command it does not know."""


@contextmanager
def translated() -> Iterator[None]:
    """Raise `Unavailable` from whatever the driver raises: the server is away, full, loading, read-only."""
    try:
        yield
    except RedisError as error:
        raise Unavailable(f"{type(error).__name__}: {_QUOTED.sub('', str(error))}") from error
