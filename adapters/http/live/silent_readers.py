"""Connections to callers who read nothing any more are given up by the system (RFC 5482, Linux)."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

_OPEN_FILES: Final = Path("/proc/self/fd")


class SilentReaders:
    """The server has no way to say how long a write may take, and hands out no socket; but these are open
    files of this process, and what a listening socket is told holds for all that it accepts. Seen to when
    somebody follows for the first time. Other systems than Linux know no such limit: nothing happens there.
    """

    def __init__(self, timeout_s: float) -> None:
        self._timeout_ms: Final = int(timeout_s * 1000)
        self._lock: Final = threading.Lock()
        self._is_seen_to = not hasattr(socket, "TCP_USER_TIMEOUT")

    def give_up_in_time(self) -> None:
        """From now on, a connection on which nothing that was sent gets through for that long is closed."""
        with self._lock:
            if not self._is_seen_to:
                self._is_seen_to = True
                self._see_to_all()
                self._see_to_all()  # and to what was accepted while the listening socket was not told yet

    def _see_to_all(self) -> None:
        with ExitStack() as held:
            ours = [held.enter_context(found) for found in _tcp_sockets()]
            ports = {_port(found) for found in ours if _listens(found)}
            for found in ours:
                if _port(found) in ports:
                    with suppress(OSError):  # closed by its caller in this very moment
                        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, self._timeout_ms)


def _tcp_sockets() -> Iterator[socket.socket]:
    for file in _OPEN_FILES.iterdir():
        with suppress(OSError):  # closed meanwhile
            if not str(file.readlink()).startswith("socket:"):
                continue
            found = socket.socket(fileno=os.dup(int(file.name)))
            if found.family in {socket.AF_INET, socket.AF_INET6} and found.type == socket.SOCK_STREAM:
                yield found
            else:
                found.close()


def _listens(found: socket.socket) -> bool:
    return bool(found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))


def _port(found: socket.socket) -> int:
    return int(found.getsockname()[1])
