"""A server with one replica, behind a link that can fall silent."""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import pytest
from dependency_injector import providers
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from adapters.inmemory.clock import FakeClock
from adapters.inmemory.telemetry import RecordingTelemetry
from adapters.redis_streams.client import Client
from adapters.redis_streams.connection import connect
from adapters.redis_streams.durability import Copies
from adapters.redis_streams.event_bus import RedisEventBus
from adapters.redis_streams.event_store import RedisEventStore
from application.events.event_ids import caused_by
from application.events.streams import CHECKOUTS
from application.ports.errors import Unavailable
from application.ports.event_bus import Subscription
from application.ports.event_store import Appended, Conflict, Duplicate, NewEvent, Transaction, Write
from domain.checkout.events import CheckoutInitiated
from entrypoints.api import application_of
from entrypoints.container import Container
from entrypoints.server_check import check_server, log_server_warnings
from entrypoints.settings import Settings
from tests.facts import INITIATED
from tests.integration.link import Link
from tests.integration.nodes import SERVERS, Node, binary_of
from tests.waiting import eventually

PATIENCE_MS = 2_000
WAIT_MS = 300
ON_VALKEY = pytest.mark.runs_on("valkey")


@attrs.frozen
class Pair:
    """A master and the replica that hears from it through `link`."""

    master: Node
    replica: Node
    link: Link

    def client(self) -> Client:
        return connect(self.master.url, socket_timeout_ms=PATIENCE_MS, connect_timeout_ms=PATIENCE_MS)


@pytest.fixture(scope="module", params=SERVERS)
def lasting_pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    binary = binary_of(request.param)
    master = Node(binary, tmp_path_factory.mktemp("master"))
    replica = Node(binary, tmp_path_factory.mktemp("replica"))
    try:
        master.start()
        with Link(master.port) as link:
            replica.start("--replicaof", "127.0.0.1", str(link.port))
            eventually(lambda: master.replicas() == 1, within_s=30)
            yield Pair(master, replica, link)
    finally:
        replica.kill()
        master.kill()


@pytest.fixture
def pair(lasting_pair: Pair) -> Iterator[Pair]:
    with lasting_pair.master.asked() as client:
        client.flushall()
        client.wait(1, 10_000)
        client.config_resetstat()
    yield lasting_pair
    lasting_pair.link.thaw()


def store_of(pair: Pair, *, replicas: int = 1, timeout_ms: int = WAIT_MS) -> RedisEventStore:
    return RedisEventStore(
        pair.client(), FakeClock(), copies=Copies(replicas=replicas, timeout_ms=timeout_ms)
    )


def started(checkout_id: str, *, version: int = 0, cause: str = "start") -> Transaction:
    event = attrs.evolve(INITIATED, checkout_id=checkout_id)
    assert isinstance(event, CheckoutInitiated)
    new = NewEvent(event=event, event_id=caused_by(checkout_id, cause, 0))
    return (Write(entity=checkout_id, expected_version=version, events=(new,)),)


def connect_to(link: Link, *, socket_timeout_ms: int) -> Client:
    return connect(
        f"redis://127.0.0.1:{link.port}", socket_timeout_ms=socket_timeout_ms, connect_timeout_ms=5_000
    )


def events_on(node: Node) -> int:
    with node.asked() as client:
        return int(client.xlen(CHECKOUTS))


def waits(pair: Pair) -> int:
    with pair.master.asked() as client:
        return int(client.info("commandstats").get("cmdstat_wait", {}).get("calls", 0))


def test_what_was_appended_is_on_the_replica_when_it_is_answered(pair: Pair) -> None:
    store = store_of(pair, timeout_ms=PATIENCE_MS - 500)

    for n in range(1, 21):
        (outcome,) = store.append(CHECKOUTS, [started(f"checkout-{n}")])

        assert isinstance(outcome, Appended)
        assert events_on(pair.replica) == n


def test_without_a_copy_the_outcome_is_unknown(pair: Pair) -> None:
    store = store_of(pair)
    pair.link.freeze()

    with pytest.raises(Unavailable, match="0 of 1 replicas had it after 300 ms: written, but not safe yet"):
        store.append(CHECKOUTS, [started("checkout-1")])

    assert (events_on(pair.master), events_on(pair.replica)) == (1, 0)


def test_a_repeated_append_is_no_duplicate_until_there_is_a_copy(pair: Pair) -> None:
    pair.link.freeze()
    with pytest.raises(Unavailable):
        store_of(pair).append(CHECKOUTS, [started("checkout-1")])

    for store in (store_of(pair), store_of(pair)):  # each on a connection that has written nothing yet
        with pytest.raises(Unavailable):
            store.append(CHECKOUTS, [started("checkout-1")])

    pair.link.thaw()
    (outcome,) = store_of(pair, timeout_ms=PATIENCE_MS - 500).append(CHECKOUTS, [started("checkout-1")])
    assert isinstance(outcome, Duplicate)
    assert (events_on(pair.master), events_on(pair.replica)) == (1, 1)


def test_proving_a_duplicate_changes_nothing(pair: Pair) -> None:
    store = store_of(pair)
    store.append(CHECKOUTS, [started("checkout-1"), started("checkout-2")])
    before = store.read(CHECKOUTS, ["checkout-1", "checkout-2"])

    again = store.append(CHECKOUTS, [started("checkout-1"), started("checkout-2", version=7)])

    assert [type(outcome) for outcome in again] == [Duplicate, Duplicate]
    assert store.read(CHECKOUTS, ["checkout-1", "checkout-2"]) == before


def test_a_conflict_is_answered_as_ever(pair: Pair) -> None:
    store = store_of(pair)
    store.append(CHECKOUTS, [started("checkout-1")])

    (outcome,) = store.append(CHECKOUTS, [started("checkout-1", version=3, cause="another")])

    assert outcome == Conflict("checkout-1", 1)


def test_an_append_waits_once_and_not_at_all_where_no_copies_are_wanted(pair: Pair) -> None:
    store_of(pair, replicas=0).append(CHECKOUTS, [started("checkout-1")])
    store_of(pair, replicas=0).append(CHECKOUTS, [started("checkout-1")])
    assert waits(pair) == 0

    store_of(pair).append(CHECKOUTS, [started("checkout-2"), started("checkout-3"), started("checkout-1")])

    assert waits(pair) == 1


def test_a_server_that_forgot_the_script_is_sent_it_again(pair: Pair) -> None:
    store = store_of(pair)
    with pair.master.asked() as client:
        client.script_flush()

    (outcome,) = store.append(CHECKOUTS, [started("checkout-1")])

    assert isinstance(outcome, Appended)


@ON_VALKEY
def test_a_missing_replica_makes_the_service_not_ready_and_shows_in_the_metrics(tmp_path: Path) -> None:
    binary = binary_of("valkey")
    master, replica = Node(binary, tmp_path), Node(binary, tmp_path)
    try:
        master.start()
        replica.start("--replicaof", "127.0.0.1", str(master.port))
        eventually(lambda: master.replicas() == 1, within_s=30)
        http = application_of(container_of(master, wait_replicas=1)).test_client()
        eventually(lambda: http.get("/readyz").status_code == 200, within_s=20)
        assert {"durability_promise_kept 1.0", "redis_replicas_in_sync 1.0"} <= figures(http)

        replica.kill()

        answer = eventually(lambda: _not_ready(http), within_s=20)
        assert answer == {"replicas": "0 of the 1 replicas that must have a write are in sync"}
        assert {"durability_promise_kept 0.0", "redis_replicas_in_sync 0.0"} <= figures(http)
    finally:
        replica.kill()
        master.kill()


@pytest.mark.parametrize("server", SERVERS)
def test_a_server_that_can_take_no_writes_makes_the_service_not_ready(server: str, tmp_path: Path) -> None:
    node = Node(binary_of(server), tmp_path)
    try:
        http = application_of(container_of(node.start())).test_client()
        assert http.get("/readyz").status_code == 200

        with node.asked() as client:
            client.config_set("maxmemory", "500kb")
            full = eventually(lambda: _not_ready(http), within_s=20)["memory"]
            assert re.fullmatch(r"the server is full: \d+ of 512000 bytes are in use", full)
            client.config_set("maxmemory", "0")
            eventually(lambda: http.get("/readyz").status_code == 200, within_s=20)

            client.replicaof("127.0.0.1", "1")
            problems = eventually(lambda: _not_ready(http), within_s=20)
            assert problems == {"role": "the server is a replica of 127.0.0.1:1 and takes no writes"}

        node.kill()
        assert list(eventually(lambda: _without_role(http), within_s=20)) == ["event store"]
    finally:
        node.kill()


def container_of(node: Node, *, wait_replicas: int = 0) -> Container:
    settings = Settings(redis_url=node.url, wait_replicas=wait_replicas)
    return Container(settings=settings, role=providers.Object("api"))


def _not_ready(http: FlaskClient) -> dict[str, str]:
    answer = http.get("/readyz")
    return dict(answer.get_json()["problems"]) if answer.status_code == 503 else {}


def _without_role(http: FlaskClient) -> dict[str, str]:
    problems = _not_ready(http)
    return {} if "role" in problems else problems


def figures(http: FlaskClient) -> set[str]:
    return set(http.get("/metrics").get_data(as_text=True).splitlines())


def test_a_server_that_falls_silent_is_noticed_in_time_and_found_again(valkey_url: str) -> None:
    port = int(valkey_url.rpartition(":")[2].partition("/")[0])
    subscription = Subscription(stream="a stream of its own", group="readers", consumer="one")
    with Link(port) as link, closing(connect_to(link, socket_timeout_ms=400)) as client:
        bus = RedisEventBus(client, RecordingTelemetry())
        bus.join(subscription)
        link.freeze()

        began_s = time.monotonic()
        with pytest.raises(Unavailable, match="Timeout"):
            bus.receive(subscription, count=1, block_ms=100)
        assert time.monotonic() - began_s < 5

        link.thaw()

        def is_found_again() -> bool:
            try:
                return bus.receive(subscription, count=1, block_ms=100) == []
            except Unavailable:  # a busy machine may be silent for a moment more
                return False

        eventually(is_found_again)


def test_a_connection_that_died_while_nobody_used_it_is_noticed_before_it_is_used(valkey_url: str) -> None:
    port = int(valkey_url.rpartition(":")[2].partition("/")[0])
    with Link(port) as link, closing(connect_to(link, socket_timeout_ms=400)) as client:
        client.connection_pool.connection_kwargs["health_check_interval"] = 0.001
        client.ping()
        link.cut()

        assert client.incr("a counter of its own") == 1

        client.delete("a counter of its own")


@pytest.mark.runs_on("redis")
def test_a_master_that_was_replaced_behind_its_address_is_left_at_once(tmp_path: Path) -> None:
    binary = binary_of("redis")
    old, new = Node(binary, tmp_path), Node(binary, tmp_path)
    try:
        old.start()
        new.start()
        with Link(old.port) as link, closing(connect_to(link, socket_timeout_ms=5_000)) as client:
            store = RedisEventStore(client, FakeClock())
            store.append(CHECKOUTS, [started("checkout-1")])
            link.target_port = new.port
            with old.asked() as demoted:
                demoted.replicaof("127.0.0.1", str(new.port))

            store.append(CHECKOUTS, [started("checkout-2")])

        assert events_on(new) == 1
    finally:
        old.kill()
        new.kill()


@pytest.mark.skipif(not hasattr(socket, "TCP_KEEPIDLE"), reason="the platform has another name for it")
def test_the_kernel_gives_up_on_a_silent_server_within_half_a_minute(valkey_url: str) -> None:
    with closing(connect(valkey_url, socket_timeout_ms=400, connect_timeout_ms=400)) as client:
        used = client.connection_pool.get_connection()
        held: Any = used._sock
        kept_alive = held.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        idle_s, interval_s, count = (
            held.getsockopt(socket.IPPROTO_TCP, option)
            for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
        )
        client.connection_pool.release(used)

    assert kept_alive
    assert idle_s + interval_s * count == 30


@ON_VALKEY
def test_a_server_on_a_unix_socket_will_do(tmp_path: Path) -> None:
    node = Node(binary_of("valkey"), tmp_path)
    try:
        node.start("--unixsocket", str(tmp_path / "s"))
        with closing(
            connect(f"unix://{tmp_path}/s", socket_timeout_ms=5_000, connect_timeout_ms=5_000)
        ) as client:
            assert client.ping()
    finally:
        node.kill()


@pytest.mark.parametrize("server", SERVERS)
def test_a_start_warns_of_what_a_foreign_server_can_lose(server: str, tmp_path: Path) -> None:
    node = Node(binary_of(server), tmp_path)
    try:
        node.start("--appendonly", "yes", "--appendfsync", "no", "--maxmemory-policy", "allkeys-lru")
        settings = Settings(redis_url=node.url, wait_replicas=1)
        with capture_logs() as lines:
            log_server_warnings(settings)

        about = [line["warning"] for line in lines if line["event"] == "server warning"]
        assert about == list(check_server(settings).warnings)
        assert [re.findall(r"\((.*?)\)", warning)[0] for warning in about] == [
            "appendfsync no",
            "maxmemory-policy allkeys-lru",
            "min-replicas-to-write 0",
        ]

        with node.asked() as client:
            client.execute_command(  # type: ignore[no-untyped-call]
                "ACL SETUSER", "shop", "on", "nopass", "~*", "+@all", "-config"
            )
        hidden = attrs.evolve(settings, redis_url=node.url.replace("//", "//shop:any@"))
        assert check_server(hidden).warnings == (about[1],)
    finally:
        node.kill()
