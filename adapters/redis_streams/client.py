"""The driver's client, with a shorter way from a command to its answer."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from redis import Redis
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import ReadOnlyError, ResponseError

TRIED_AGAIN: Final = (Disconnected, ReadOnlyError)


class Client(Redis):
    """Keeps connections at hand, one for each command that is under way at the same time.

    For every command the driver takes a connection out of its pool, looks whether anything came in on it,
    counts, and puts it back: twice what the command itself costs. Here a connection comes back to hand only
    after a whole answer, so there is nothing to look for. Any other goes back to the pool; pipelines take
    theirs from there.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._at_hand: list[Any] = []
        self._pid = os.getpid()

    def execute_command(self, *command: Any, **options: Any) -> Any:
        return self.execute_together(command, **options)[0]

    def execute_together(self, *commands: Sequence[Any], **options: Any) -> list[Any]:
        """The answers to `commands`, which are sent together.

        Raises:
            ResponseError: one was refused; those after it may have been done all the same.
        """
        try:
            return self._exchange(commands, options)
        except TRIED_AGAIN:
            self._put_away()  # they are as old as the one that was closed, or lead to the same former master
            return self._exchange(commands, options)

    def _exchange(self, commands: Sequence[Sequence[Any]], options: Mapping[str, Any]) -> list[Any]:
        connection = self._take()
        answers: list[Any] = []
        try:
            connection.send_packed_command(connection.pack_commands(commands))
            for name, *_ in commands:
                answers.append(self.parse_response(connection, name, **options))  # type: ignore[no-untyped-call]  # the driver's
        except BaseException as error:
            is_whole = isinstance(error, ResponseError) and len(answers) == len(commands) - 1
            if not is_whole or isinstance(error, ReadOnlyError):
                connection.disconnect()  # an answer, or half of one, may still come in
            self.connection_pool.release(connection)
            raise
        self._at_hand.append(connection)
        return answers

    def _take(self) -> Any:
        if self._pid != os.getpid():  # they are the parent's
            self._at_hand, self._pid = [], os.getpid()
        try:
            connection = self._at_hand.pop()
        except IndexError:
            return self.connection_pool.get_connection()
        if self.connection_pool.owns_connection(connection):
            return connection
        self.connection_pool.release(connection)  # of a former master
        return self._take()

    def _put_away(self) -> None:
        while self._at_hand:
            with suppress(IndexError):  # another thread took the last
                self.connection_pool.release(self._at_hand.pop())
