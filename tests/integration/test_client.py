"""The way from a command to its answer: whose answer it is, and what becomes of connections that went bad."""

import multiprocessing
import threading
from collections.abc import Iterator
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
import redis
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as TimedOut

from adapters.redis_streams.client import Client
from tests.contracts.racing import at_once
from tests.contracts.servers import OwnServer, started, valkey_binary

pytestmark = pytest.mark.runs_on("valkey")

THREADS = 8
PATIENCE_S = 0.4


@pytest.fixture
def server(tmp_path: Path) -> Iterator[OwnServer]:
    yield from started(tmp_path, valkey_binary())


@pytest.fixture
def client(server: OwnServer) -> Iterator[Client]:
    with server.client() as client:
        yield client


def test_commands_one_after_the_other_take_one_connection(client: Client) -> None:
    assert len({client.client_id() for _ in range(10)}) == 1


def test_of_commands_at_the_same_time_each_gets_its_own_answer(client: Client) -> None:
    def echoes(name: int) -> bool:
        return all(client.echo(f"{name}-{n}") == f"{name}-{n}".encode() for n in range(300))

    assert at_once([partial(echoes, name) for name in range(THREADS)]) == [True] * THREADS
    assert len(connections(client)) <= THREADS


def test_however_many_were_closed_by_the_server_the_next_command_is_answered(
    client: Client, server: OwnServer
) -> None:
    at_once([partial(client.execute_command, "BLPOP", "nothing", 0.1)] * THREADS)
    with server.client() as other:
        assert other.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes") == THREADS

    assert [client.echo("here") for _ in range(THREADS)] == [b"here"] * THREADS


class StaysOpen(redis.Connection):
    """As a sentinel's connections are: not closed by an answer that does not come."""

    def read_response(self, *args: Any, **options: Any) -> Any:
        return super().read_response(*args, **options | {"disconnect_on_error": False})


@pytest.mark.parametrize("kind", [redis.Connection, StaysOpen])
def test_an_answer_that_comes_too_late_is_not_taken_for_the_next_one(
    server: OwnServer, kind: type[redis.Connection]
) -> None:
    options: dict[str, Any] = {"socket_timeout": PATIENCE_S, "protocol": 2, "connection_class": kind}
    with Client.from_url(server.server.url, **options) as client:
        client.set("late", "the answer before")
        server.freeze()
        with pytest.raises(TimedOut):
            client.get("late")
        thawing = threading.Timer(PATIENCE_S / 4, server.thaw)
        thawing.start()

        assert client.echo("its own") == b"its own"
        thawing.join()


def test_a_refused_command_spoils_nothing(client: Client) -> None:
    before = client.client_id()
    client.set("text", "no list")
    for _ in range(3):
        with pytest.raises(ResponseError):
            client.lpush("text", "one more")

    assert client.client_id() == before


def test_commands_that_are_sent_together_are_answered_in_order(client: Client) -> None:
    assert client.execute_together(("ECHO", "a"), ("INCRBY", "n", 2), ("ECHO", "b")) == [b"a", 2, b"b"]


def test_of_commands_together_one_that_is_refused_leaves_no_answer_to_somebody_else(client: Client) -> None:
    with pytest.raises(ResponseError):
        client.execute_together(("ECHO", "a"), ("NO_SUCH_COMMAND",), ("ECHO", "b"))

    assert client.echo("its own") == b"its own"


def test_a_server_that_is_away_is_told_and_found_again(client: Client, server: OwnServer) -> None:
    client.ping()
    server.kill()
    with pytest.raises(Disconnected):
        client.ping()
    server.start()

    assert client.ping()


def test_a_forked_process_takes_connections_of_its_own(client: Client) -> None:
    parents = client.client_id()
    forking = multiprocessing.get_context("fork")
    ours, theirs = forking.Pipe()
    child = forking.Process(target=_tell_id, args=(client, theirs))
    child.start()
    child.join(10)

    assert ours.poll(0)
    assert ours.recv() != parents
    assert client.client_id() == parents


def test_closed_with_its_connections_it_opens_new_ones(client: Client, server: OwnServer) -> None:
    before = client.client_id()
    client.close()

    with server.client() as other:
        assert before not in connections(other)
    assert client.client_id() != before


def connections(client: Client) -> set[int]:
    found: Any = client.client_list()
    return {int(connection["id"]) for connection in found}


def _tell_id(client: Client, to: Connection) -> None:
    to.send(client.client_id())
