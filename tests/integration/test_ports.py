import socket
from collections.abc import Iterator

import pytest

from entrypoints.settings import WORKERS, Settings
from entrypoints.start_refused import StartRefused
from entrypoints.up.ports import choose_ports, choose_server_port, free_port


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that something listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_default_port_that_is_taken_gives_way_to_a_free_one(taken: int) -> None:
    ports = choose_ports(Settings(port=taken, metrics_base_port=taken))

    assert ports.api != taken
    assert ports.workers["notification"] != taken


def test_a_port_that_was_asked_for_gives_way_to_nothing(taken: int) -> None:
    with pytest.raises(StartRefused, match=rf"^PORT: port {taken} on 127.0.0.1 cannot be used: Address"):
        choose_ports(Settings(port=taken, given=frozenset({"PORT"})))

    with pytest.raises(StartRefused, match=rf"^METRICS_BASE_PORT: port {taken} on"):
        choose_ports(Settings(port=0, metrics_base_port=taken, given=frozenset({"METRICS_BASE_PORT"})))

    with pytest.raises(StartRefused, match=rf"^EMBEDDED_REDIS_PORT: port {taken} on"):
        choose_server_port(Settings(embedded_redis_port=taken))


def test_no_two_processes_are_given_the_same_port() -> None:
    base = free_port()

    ports = choose_ports(Settings(port=base, metrics_base_port=base))

    assert len({ports.api, *ports.workers.values()}) == 1 + len(WORKERS)


def test_zero_is_any_free_port() -> None:
    assert choose_ports(Settings(port=0, given=frozenset({"PORT"}))).api > 0
    assert choose_server_port(Settings()) > 0


@pytest.mark.parametrize(
    ("host", "reason"),
    [("not..a.name", "no such address here"), ("192.0.2.1", "not an address of this machine")],
)
def test_an_address_that_is_not_ours_is_refused(host: str, reason: str) -> None:
    with pytest.raises(StartRefused, match=f"HOST is '{host}': {reason}"):
        choose_ports(Settings(host=host))
