"""The sandbox as an HTTP server on the loopback: what the gateway shows of both services, and its switches.

It is made on the standard library's server, for faults need the socket itself: a reset, half an answer.
"""

import contextlib
import hmac
import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import orjson

from adapters.sandbox import spoiling
from adapters.sandbox.books import Books
from adapters.sandbox.control import Control, Reply
from adapters.sandbox.faults import AFTER, FaultBook
from adapters.sandbox.rules import CANCEL, ENTER, GIVE_BACK, SHOW, TAKE, Answer, Asked

LOOPBACK: Final = "127.0.0.1"
BODY_MAX_BYTES: Final = 65_536
IDLE_S: Final = 60.0

_INVENTORY: Final = "/api/inventaire/api/ddd/inventaire"
_ORDERS: Final = "/api/commandes/api/v1/ventes-ddd"
_ROUTES: Final = (
    ("POST", TAKE, re.compile(rf"{_INVENTORY}/diminuer-stock/")),
    ("POST", GIVE_BACK, re.compile(rf"{_INVENTORY}/augmenter-stock/")),
    ("GET", SHOW, re.compile(rf"{_INVENTORY}/stock-central/(?P<produit_id>[^/]+)/")),
    ("POST", ENTER, re.compile(rf"{_ORDERS}/enregistrer/")),
    ("PATCH", CANCEL, re.compile(rf"{_ORDERS}/(?P<vente_id>[^/]+)/annuler/")),
)


class SandboxServer(ThreadingHTTPServer):
    """Listens once it is made; port 0 takes any free one."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, books: Books, faults: FaultBook, *, api_key: str, port: int = 0) -> None:
        super().__init__((LOOPBACK, port), _Handler)
        self.books: Final = books
        self.faults: Final = faults
        self.control: Final = Control(books, faults)
        self.api_key: Final = api_key
        self.stopping: Final = threading.Event()
        self._open: Final[set[socket.socket]] = set()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{LOOPBACK}:{self.server_port}"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Meanwhile it answers."""
        thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True, name="sandbox")
        thread.start()
        try:
            yield
        finally:
            self.stopping.set()
            self.shutdown()
            self.close_connections()
            self.server_close()
            thread.join()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer on one connection, which is remembered meanwhile."""
        self._open.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._open.discard(request)

    def close_connections(self) -> None:
        """Hang up on everybody, as a server does that is started again."""
        for connection in tuple(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that has hung up is none of our business; a bug is told as ever."""
        import sys

        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # passed on as it came


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    sys_version = ""
    timeout = IDLE_S
    disable_nagle_algorithm = True
    server: SandboxServer

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def log_message(self, *args: object) -> None:
        """The ledger tells it better."""

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > BODY_MAX_BYTES:
            self.close_connection = True
            return self._json(413, {"message": "Request size limit exceeded"})
        body = self.rfile.read(int(length))
        path = urlsplit(self.path)
        reply = self.server.control.reply(self.command, path.path, path.query, body)
        if reply:
            return self._json(reply.status, reply.body)
        return self._call(path.path, body)

    def _call(self, path: str, body: bytes) -> None:
        refused = self._refused_by_the_gateway()
        if refused:
            return self._json(refused.status, refused.body)
        asked = self._asked(path, body)
        if isinstance(asked, Answer):
            return self._json(asked.status, asked.body)
        books = self.server.books
        fault = self.server.faults.draw(asked, books.product_of(asked))
        if fault is None:
            given = books.do(asked)
            return self._json(given.status, given.body)
        if fault.kind in AFTER:
            return spoiling.after(self, fault, books.do(asked, fault.kind, unanswered=fault.kind in _MUTE))
        return spoiling.before(self, fault, books, asked)

    def _refused_by_the_gateway(self) -> Reply | None:
        key = self.headers.get("X-API-Key")
        if key is None:
            return Reply(401, {"message": "No API key found in request"})
        if not hmac.compare_digest(key.encode(), self.server.api_key.encode()):
            return Reply(401, {"message": "Unauthorized"})
        return None

    def _asked(self, path: str, body: bytes) -> Asked | Answer:
        matches = (
            (operation, found)
            for method, operation, pattern in _ROUTES
            if method == self.command and (found := pattern.fullmatch(path))
        )
        operation, found = next(matches, (None, None))
        if operation is None or found is None:
            return Answer(404, {"message": "no Route matched with those values"})
        try:
            read = orjson.loads(body) if body else {}
        except orjson.JSONDecodeError:
            read = None
        if not isinstance(read, dict):
            return Answer(400, {"error": "Le corps doit être un objet JSON"})
        return Asked(
            operation=operation,
            body=read,
            key=self.headers.get("Idempotency-Key"),
            correlation_id=self.headers.get("X-Correlation-ID"),
            traceparent=self.headers.get("traceparent"),
            **{name: unquote(value) for name, value in found.groupdict().items()},
        )

    def _json(self, status: int, body: Mapping[str, Any]) -> None:
        spoiling.send(self, status, orjson.dumps(body))


_MUTE: Final = frozenset({"lost", "reset-after"})
