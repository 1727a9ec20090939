"""How a call goes wrong, down to the socket."""

import select
import socket
import struct
import time
from http.server import BaseHTTPRequestHandler
from typing import Any, Final

import orjson

from adapters.sandbox.books import Books
from adapters.sandbox.faults import Fault
from adapters.sandbox.rules import Answer, Asked

JSON: Final = "application/json"
HELD_MAX_S: Final = 120.0
LOOK_EVERY_S: Final = 0.1
ENDLESS_BYTES: Final = 1_048_576
_LINGER_NOT: Final = struct.pack("ii", 1, 0)


def send(
    handler: BaseHTTPRequestHandler,
    status: int,
    body: bytes,
    content_type: str = JSON,
    retry_after_s: int | None = None,
) -> None:
    """A whole answer."""
    _head(handler, status, len(body), content_type, retry_after_s)
    handler.wfile.write(body)


def before(handler: Any, fault: Fault, books: Books, asked: Asked) -> None:
    """What befalls a call before it has any effect."""
    match fault.kind:
        case "slow":
            handler.server.stopping.wait(fault.latency_ms / 1000)
            given = books.do(asked, fault.kind)
            send(handler, given.status, orjson.dumps(given.body))
        case "refuse":
            books.note(asked, fault.kind, 400)
            send(handler, 400, orjson.dumps({"error": "Refusé par le bac à sable"}))
        case "error":
            books.note(asked, fault.kind, fault.status)
            _fail(handler, fault)
        case "reset":
            books.note(asked, fault.kind, 0)
            _reset(handler)
        case "silent":
            books.note(asked, fault.kind, 0)
            _hold(handler)


def after(handler: Any, fault: Fault, given: Answer) -> None:
    """What befalls the answer of a call that has been dealt with."""
    body = orjson.dumps(given.body)
    match fault.kind:
        case "error-after":
            _fail(handler, fault)
        case "reset-after":
            _reset(handler)
        case "lost":
            _hold(handler)
        case "late":
            handler.server.stopping.wait(fault.latency_ms / 1000)
            send(handler, given.status, body)
        case "slow-body":
            _trickle(handler, given.status, body, fault.latency_ms / 1000)
        case "cut-body":
            _head(handler, given.status, len(body), JSON, None)
            handler.wfile.write(body[: len(body) // 2])
            handler.close_connection = True
        case "garbage":
            send(handler, given.status, b'{"success": tru')
        case "wrong-type":
            send(handler, given.status, b"<html><body>Bienvenue</body></html>", "text/html; charset=utf-8")
        case "endless":
            send(handler, given.status, b" " * ENDLESS_BYTES)


def _head(
    handler: BaseHTTPRequestHandler, status: int, length: int, content_type: str, retry_after_s: int | None
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", content_type)
    handler.send_header("Content-Length", str(length))
    if retry_after_s is not None:
        handler.send_header("Retry-After", str(retry_after_s))
    handler.end_headers()


def _fail(handler: BaseHTTPRequestHandler, fault: Fault) -> None:
    body = orjson.dumps({"message": f"the sandbox was told to answer {fault.status}"})
    send(handler, fault.status, body, JSON, fault.retry_after_s)


def _reset(handler: BaseHTTPRequestHandler) -> None:
    """Closed without lingering, a connection is reset."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    handler.close_connection = True
    handler.rfile.close()
    handler.connection.close()


def _hold(handler: Any) -> None:
    """Say nothing until the caller has gone."""
    deadline_s = time.monotonic() + HELD_MAX_S
    while time.monotonic() < deadline_s and not handler.server.stopping.is_set():
        readable, _, _ = select.select([handler.connection], [], [], LOOK_EVERY_S)
        if readable:
            break
    handler.close_connection = True


def _trickle(handler: Any, status: int, body: bytes, over_s: float) -> None:
    _head(handler, status, len(body), JSON, None)
    for place in range(len(body)):
        handler.wfile.write(body[place : place + 1])
        handler.wfile.flush()
        if handler.server.stopping.wait(over_s / len(body)):
            return
