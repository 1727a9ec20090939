"""Writes that are answered only when replicas have them too."""

from collections.abc import Sequence
from hashlib import sha1
from typing import Any

import attrs
from redis import Redis
from redis.exceptions import NoScriptError

from adapters.redis_streams.scripts import Argument, Script, source_of
from application.ports.errors import Unavailable


@attrs.frozen(kw_only=True)
class Copies:
    """How many replicas must have a write before it counts as done, and how long to wait for them."""

    replicas: int = 0
    timeout_ms: int = 400


class ReplicatedScript:
    """A script that writes, and answers once enough replicas have what the server had written by then.

    A replica has it in memory; its disk is the replica's own affair. The wait covers what was written on
    the same connection, so both go in one round trip. A script that wrote nothing has waited for nothing:
    the server then tells of the connection's last write, whatever that was, and not of anybody else's.
    """

    def __init__(self, client: "Redis", name: str, copies: Copies) -> None:
        self._redis = client
        self._copies = copies
        self._source = source_of(name)
        self._sha = sha1(self._source.encode(), usedforsecurity=False).hexdigest()

    def __call__(self, keys: Sequence[str], args: Sequence[Argument]) -> Any:
        try:
            return self._run("EVALSHA", self._sha, keys, args)
        except NoScriptError:
            return self._run("EVAL", self._source, keys, args)

    def _run(self, command: str, script: str, keys: Sequence[str], args: Sequence[Argument]) -> Any:
        pipe: Any = self._redis.pipeline(transaction=False)
        pipe.execute_command(command, script, len(keys), *keys, *args)
        pipe.execute_command("WAIT", self._copies.replicas, self._copies.timeout_ms)
        answer, copied = pipe.execute()
        if copied < self._copies.replicas:
            raise Unavailable(
                f"{copied} of {self._copies.replicas} replicas had it after {self._copies.timeout_ms} ms: "
                "written, but not safe yet"
            )
        return answer


def script_for(client: "Redis", name: str, copies: Copies) -> Script | ReplicatedScript:
    """The script that leaves as many copies as asked; for none, without a word more to the server."""
    return ReplicatedScript(client, name, copies) if copies.replicas else Script(client, name)
