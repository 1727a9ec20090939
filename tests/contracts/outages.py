"""What every adapter of a server does while the server is away, full or read-only, and afterwards."""

import time
from collections.abc import Iterator

import pytest

from adapters.redis_streams.client import Client
from application.events.streams import CHECKOUTS
from application.ports.errors import Unavailable
from application.ports.event_store import Appended
from tests.contracts.all_ports import ANYTHING, MOVES, READS, WRITES, AllPorts
from tests.contracts.consumers import ONE
from tests.contracts.facts import CHECKOUT, CLIENT, at, initiated
from tests.contracts.racing import at_once
from tests.contracts.read_model import created, failed, figures
from tests.contracts.servers import CONNECT_TIMEOUT_MS, SOCKET_TIMEOUT_MS, OwnServer, contents

PATIENCE_S = 2 * (SOCKET_TIMEOUT_MS + CONNECT_TIMEOUT_MS) / 1000 + 0.5
"""Every wait at its limit, and once more where a connection was found closed; and a busy machine."""


def refuses(ports: AllPorts, name: str) -> None:
    """The port raises its own error, soon."""
    begin_s = time.monotonic()
    with pytest.raises(Unavailable) as refusal:
        ANYTHING[name](ports)
    assert time.monotonic() - begin_s < PATIENCE_S
    assert refusal.value.__cause__ is not None


class OutageContract:
    """A subclass provides `server`, started for one test."""

    @pytest.fixture
    def client(self, server: OwnServer) -> Iterator[Client]:
        with server.client() as client:
            yield client

    @pytest.fixture
    def ports(self, client: Client) -> AllPorts:
        return AllPorts.of(client)

    def test_while_the_server_is_gone_every_port_says_so_soon(
        self, server: OwnServer, ports: AllPorts
    ) -> None:
        server.kill()

        for name in ANYTHING:
            refuses(ports, name)

    def test_while_the_server_answers_nothing_every_port_says_so_soon(
        self, server: OwnServer, ports: AllPorts
    ) -> None:
        server.freeze()

        at_once([lambda name=name: refuses(ports, name) for name in ANYTHING])  # type: ignore[misc]

    def test_a_pause_of_the_server_is_forgotten_when_it_is_over(
        self, server: OwnServer, ports: AllPorts
    ) -> None:
        server.freeze()
        refuses(ports, "append start")
        server.thaw()

        ports.store.append(CHECKOUTS, [(at(0, initiated()),)])

        (history,) = ports.store.read(CHECKOUTS, [CHECKOUT])
        assert len(history) == 1

    def test_a_restart_between_two_calls_goes_unnoticed(self, server: OwnServer, ports: AllPorts) -> None:
        for _ in range(2):
            server.kill()
            server.start()

            assert len(ports.store.append(CHECKOUTS, [(at(0, initiated()),)])) == 1
            assert len(ports.bus.receive(ONE, count=10, block_ms=0)) == 1

    def test_all_works_again_on_the_same_client_when_the_server_is_back_empty(
        self, server: OwnServer, ports: AllPorts
    ) -> None:
        server.kill()
        refuses(ports, "receive")
        server.start()

        (outcome,) = ports.store.append(CHECKOUTS, [(at(0, initiated()),)])

        assert isinstance(outcome, Appended)
        (delivery,) = ports.bus.receive(ONE, count=10, block_ms=0)
        assert delivery.open().entity == CHECKOUT
        for ask in ANYTHING.values():
            ask(ports)

    @pytest.mark.parametrize("name", WRITES)
    def test_a_full_server_refuses_what_needs_memory_and_keeps_nothing_of_it(
        self, client: Client, ports: AllPorts, name: str
    ) -> None:
        before = contents(client)
        client.config_set("maxmemory", 1)

        refuses(ports, name)

        assert contents(client) == before
        client.config_set("maxmemory", 0)
        WRITES[name](ports)
        assert contents(client) != before

    def test_a_full_server_still_answers_and_lets_go(self, client: Client, ports: AllPorts) -> None:
        client.config_set("maxmemory", 1)

        for ask in (*READS.values(), *MOVES.values()):
            ask(ports)

    def test_on_a_full_server_figures_and_rows_still_change_together(
        self, client: Client, ports: AllPorts
    ) -> None:
        client.config_set("maxmemory", 1)

        try:
            ports.read_model.apply([failed()])
        except Unavailable:
            assert figures(ports.read_model) == (1, 0, [created()])
        else:
            assert figures(ports.read_model, CLIENT) == (0, 1, [failed()])

    @pytest.mark.parametrize("name", [*WRITES, *MOVES])
    def test_a_server_that_only_reads_refuses_every_write(
        self, client: Client, ports: AllPorts, name: str
    ) -> None:
        before = contents(client)
        client.replicaof("127.0.0.1", "1")

        refuses(ports, name)

        assert contents(client) == before
        client.replicaof("NO", "ONE")
        ANYTHING[name](ports)

    def test_a_server_that_only_reads_answers_questions(self, client: Client, ports: AllPorts) -> None:
        client.replicaof("127.0.0.1", "1")

        for ask in READS.values():
            ask(ports)
