"""Calls of existing services on real sockets: what goes wrong below HTTP, and how long it may take."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
import trustme

from adapters.http.existing.answers import Misconfigured, NotReached
from adapters.http.existing.client import http_client
from adapters.sandbox.books import Books
from adapters.sandbox.faults import FaultBook
from adapters.sandbox.server import SandboxServer
from adapters.system_clock import SystemClock
from application.ports.existing_services import CallRefused, OutcomeUnknown
from entrypoints.up.ports import free_port
from tests.existing import LIMITS, Existing, enter, existing, take
from tests.sandbox import API_KEY, Sandbox, sandbox
from tests.waiting import eventually

ONCE = attrs.evolve(LIMITS, attempts_max=1)


@pytest.fixture
def stand_in() -> Iterator[Sandbox]:
    with sandbox({"p": 100}) as running:
        yield running


Reach = Callable[..., Existing]


@pytest.fixture
def reach() -> Iterator[Reach]:
    """Makes clients, which are closed afterwards."""
    with ExitStack() as opened:

        def open_(where: str | httpx.Client, **options: Any) -> Existing:
            made = existing(where, **options)
            opened.enter_context(made.inventory.service.http)
            return made

        yield open_


@contextmanager
def listening(backlog: int = 5) -> Iterator[socket.socket]:
    """Somebody who says nothing of himself."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(backlog)
        yield server


def url_of(server: socket.socket) -> str:
    return f"http://127.0.0.1:{server.getsockname()[1]}"


def test_where_nobody_listens_nobody_was_called(reach: Reach) -> None:
    at = reach(f"http://127.0.0.1:{free_port()}")

    with pytest.raises(NotReached, match="refused"):
        take(at)

    assert at.count("service_calls_repeated_total", service="inventory", operation="take") == 2


def test_a_name_that_nobody_knows_leads_nowhere(reach: Reach) -> None:
    with pytest.raises(NotReached):
        take(reach("http://no-such-host.invalid", limits=ONCE))


def test_who_does_not_take_connections_was_not_called(reach: Reach) -> None:
    with listening(backlog=0) as full, ExitStack() as waiting:
        for _ in range(2):  # the backlog, and one more
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            with suppress(BlockingIOError):
                one.connect(full.getsockname())

        with pytest.raises(NotReached, match="ConnectTimeout"):
            take(reach(url_of(full), limits=ONCE))


def test_when_all_connections_are_in_use_nobody_was_called(reach: Reach, stand_in: Sandbox) -> None:
    limits = attrs.evolve(ONCE, connect_timeout_ms=100, read_timeout_ms=5_000)
    at = reach(http_client(stand_in.url, limits, connections_max=1, keepalive_ms=0), limits=limits)
    stand_in.go_wrong("slow", latency_ms=600, calls=1)
    first = threading.Thread(target=take, args=(at,))
    first.start()
    eventually(lambda: not stand_in.http.get("/faults").json()["faults"])

    with pytest.raises(NotReached, match="PoolTimeout"):
        take(at)
    first.join()

    assert len(stand_in.effects()) == 1


@pytest.mark.parametrize(
    ("fault", "happened"),
    [
        *(("reset", 0), ("reset-after", 1), ("silent", 0), ("lost", 1), ("cut-body", 1), ("garbage", 1)),
        *(("wrong-type", 1), ("endless", 1), ("error", 0), ("error-after", 1)),
    ],
)
def test_after_the_call_was_sent_nothing_is_known_for_sure(
    reach: Reach, stand_in: Sandbox, fault: str, happened: int
) -> None:
    stand_in.go_wrong(fault, calls=1)

    with pytest.raises(OutcomeUnknown):
        enter(reach(stand_in.url))

    assert len(stand_in.effects()) == happened
    assert len(stand_in.entries()) == 1  # it was not asked twice


@pytest.mark.parametrize("fault", ["reset-after", "lost", "cut-body", "garbage", "endless", "error-after"])
def test_a_service_that_knows_keys_is_asked_again_and_has_sold_once(reach: Reach, fault: str) -> None:
    with sandbox({"p": 100}, idempotent=True) as stand_in:
        stand_in.go_wrong(fault, calls=1)

        vente_id = enter(reach(stand_in.url, repeatable=True))

        (sold,) = stand_in.effects()
        assert sold["vente_id"] == vente_id
        assert len(stand_in.entries()) == 2


def test_an_answer_that_trickles_in_is_cut_off_when_the_call_has_had_its_time(
    reach: Reach, stand_in: Sandbox
) -> None:
    stand_in.go_wrong("slow-body", latency_ms=60_000)
    began_s = time.monotonic()

    with pytest.raises(OutcomeUnknown, match="ReadTimeout"):
        take(reach(stand_in.url, limits=attrs.evolve(ONCE, call_max_ms=700, read_timeout_ms=650)))

    assert time.monotonic() - began_s < 5.0


def test_so_are_headers_that_trickle_in(reach: Reach) -> None:
    with listening() as server:
        done = threading.Event()

        def trickle() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                while not done.wait(0.05):
                    connection.sendall(b"x")

        thread = threading.Thread(target=trickle)
        thread.start()
        began_s = time.monotonic()
        limits = attrs.evolve(ONCE, call_max_ms=700, read_timeout_ms=600)
        with pytest.raises(OutcomeUnknown, match="ReadTimeout"):
            take(reach(url_of(server), limits=limits))
        assert time.monotonic() - began_s < 5.0
        done.set()
        thread.join()


def test_repetitions_and_pauses_stay_within_the_time_for_a_call(reach: Reach, stand_in: Sandbox) -> None:
    stand_in.go_wrong("silent")
    limits = attrs.evolve(
        LIMITS, attempts_max=100, read_timeout_ms=200, connect_timeout_ms=50, call_max_ms=1_000
    )
    began_s = time.monotonic()

    with pytest.raises(OutcomeUnknown):
        take(reach(stand_in.url, repeatable=True, limits=limits))

    assert 0.5 < time.monotonic() - began_s < 10.0  # a hundred attempts take 20


def test_a_redirect_is_not_followed(reach: Reach) -> None:
    with listening() as server:

        def redirect() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(
                    b"HTTP/1.1 307 Elsewhere\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
                )

        thread = threading.Thread(target=redirect)
        thread.start()
        with pytest.raises(Misconfigured, match="307"):
            take(reach(url_of(server), limits=ONCE))
        thread.join()


def test_a_connection_that_the_other_side_has_closed_is_not_used_again(reach: Reach) -> None:
    port = free_port()

    def run(at: Existing | None = None) -> Existing:
        books = Books(SystemClock())
        books.stock_up({"p": 100})
        server = SandboxServer(books, FaultBook(1), api_key=API_KEY, port=port)
        with server.running():
            at = at or reach(server.url)
            take(at)
        return at

    for _ in range(3):
        run(run())


def test_a_gateway_with_a_certificate_of_nobody_is_not_called(reach: Reach, tmp_path: Path) -> None:
    with secured(tmp_path) as (url, ca_file):
        with pytest.raises(NotReached, match=r"(?i)certificate"):
            take(reach(url, limits=ONCE))

        trusting = http_client(url, ONCE, connections_max=1, keepalive_ms=0, ca_file=ca_file)
        with pytest.raises(CallRefused, match="unknown"):
            take(reach(trusting, limits=ONCE))


def test_a_certificate_of_another_host_is_not_trusted(reach: Reach, tmp_path: Path) -> None:
    with secured(tmp_path, "kong.example") as (url, ca_file):
        trusting = http_client(url, ONCE, connections_max=1, keepalive_ms=0, ca_file=ca_file)

        with pytest.raises(NotReached, match=r"(?i)mismatch"):
            take(reach(trusting, limits=ONCE))


@contextmanager
def secured(directory: Path, host: str = "127.0.0.1") -> Iterator[tuple[str, Path]]:
    """A server with a certificate for `host`, which refuses whatever it is asked; and whom to trust."""
    authority = trustme.CA()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    ca_file = directory / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    body = b'{"error":"unknown"}'
    answer = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (
        len(body),
        body,
    )
    with listening() as server:
        server.settimeout(0.05)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                with suppress(OSError):
                    connection, _ = server.accept()
                    connection.settimeout(5.0)
                    with context.wrap_socket(connection, server_side=True) as secure:
                        asked = b""
                        while not asked.endswith(b"}"):  # else what was not read resets the connection
                            asked += secure.recv(65_536)
                        secure.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield url_of(server).replace("http:", "https:"), ca_file
        finally:
            stop.set()
            thread.join()
