"""A receiver of webhooks on a real socket, which counts what arrives and answers as badly as it is told."""

import socket
import ssl
import struct
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import attrs
from standardwebhooks import Webhook

RESET_AT_ONCE: Final = struct.pack("ii", 1, 0)
PATIENCE_S: Final = 60.0


@attrs.define
class Receiver:
    """`badly`: checkout -> how its next notices are answered: a status, "reset", or "silence" until `release`
    is set. A webhook whose signature is not right is no webhook: it gets 401 and is counted by itself."""

    secret: str
    badly: dict[str, list[int | str]] = attrs.Factory(lambda: defaultdict(list))
    arrived: Counter[str] = attrs.Factory(Counter)
    """By `webhook-id`: how often it came, however it was answered."""
    accepted: Counter[str] = attrs.Factory(Counter)
    """By checkout: how often it was answered with 204."""
    events: list[dict[str, Any]] = attrs.Factory(list)
    forged: int = 0
    held: int = 0
    held_most: int = 0
    release: threading.Event = attrs.Factory(threading.Event)
    url: str = ""
    _lock: threading.Lock = attrs.Factory(threading.Lock)

    @contextmanager
    def listening(self, tls: ssl.SSLContext | None = None) -> Iterator["Receiver"]:
        """Answer at `url` meanwhile."""
        with _Server(("127.0.0.1", 0), self.handler()) as server:
            if tls:
                server.socket = tls.wrap_socket(server.socket, server_side=True)
            self.url = f"http{'s' if tls else ''}://localhost:{server.server_port}/hooks"
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            try:
                yield self
            finally:
                self.release.set()
                server.shutdown()
                thread.join()

    def take(self, headers: dict[str, str], body: bytes) -> int | str:
        """How to answer."""
        try:
            event = Webhook(self.secret).verify(body, headers)
        except Exception:  # noqa: BLE001 - whatever is wrong with it
            with self._lock:
                self.forged += 1
            return 401
        checkout = str(event["subject"])
        with self._lock:
            self.arrived[headers["webhook-id"]] += 1
            self.events.append(event)
            how = self.badly[checkout].pop(0) if self.badly[checkout] else 204
            self.accepted[checkout] += how == 204
        return how

    def hold(self) -> None:
        """Say nothing until told to."""
        with self._lock:
            self.held += 1
            self.held_most = max(self.held, self.held_most)
        self.release.wait(PATIENCE_S)
        with self._lock:
            self.held -= 1

    def handler(receiver) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the handler inside
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                how = receiver.take({name.lower(): said for name, said in self.headers.items()}, body)
                if how == "silence":
                    receiver.hold()
                    self.close_connection = True
                elif how == "reset":
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
                    self.connection.close()
                    self.close_connection = True
                else:
                    self.send_response(int(how))
                    self.send_header("Content-Length", "0")
                    self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """The other side hung up, or was hung up on."""
