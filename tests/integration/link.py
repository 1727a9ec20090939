"""A network between two programs of this machine that can be made to fall silent."""

import contextlib
import socket
import threading
from typing import Final, Self

LOOPBACK: Final = "127.0.0.1"
CHUNK_BYTES: Final = 64 * 1024


class Link:
    """Carries what reaches its port to `target_port` and back. Frozen, it carries nothing and closes
    nothing: whoever waits sees a peer that has fallen silent. Sent meanwhile arrives after the thaw.
    `target_port` may be changed; it counts for new connections."""

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self._moving = threading.Event()
        self._moving.set()
        self._closed = False
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def freeze(self) -> None:
        """Carry nothing from now on."""
        self._moving.clear()

    def thaw(self) -> None:
        """Carry again, what was held back first."""
        self._moving.set()

    def cut(self) -> None:
        """Close every connection there is; new ones are carried."""
        for end in self._sockets:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._closed = True
        self._moving.set()
        for end in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while not self._closed:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self._moving.wait()
            try:
                far = socket.create_connection((LOOPBACK, self.target_port))
            except OSError:
                near.close()
                continue
            self._sockets += [near, far]
            for source, sink in ((near, far), (far, near)):
                thread = threading.Thread(target=self._carry, args=(source, sink))
                self._threads.append(thread)
                thread.start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK_BYTES):
                self._moving.wait()
                if self._closed:
                    return
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
