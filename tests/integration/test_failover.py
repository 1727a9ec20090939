"""The master is killed while checkouts come in; a sentinel makes its replica the master.

The link to the replica falls silent shortly before, so that what is written then exists on the master
alone. None of that may have been acknowledged.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import attrs
import pytest
from redis.exceptions import ResponseError

from application.events.streams import CHECKOUTS
from application.ports.errors import Unavailable
from domain.checkout.saga import CQRS_PROJECTION, ORDER_CREATION, SAGA, STEPS
from entrypoints.container import Container, worker_of
from entrypoints.server_check import check_server
from entrypoints.settings import Settings
from entrypoints.start_refused import StartRefused
from entrypoints.up.ports import free_port
from tests.integration.link import Link
from tests.integration.nodes import Node, binary_of
from tests.shop import CLIENT, cart_of
from tests.waiting import eventually

pytestmark = [pytest.mark.runs_on("redis"), pytest.mark.slow]

SERVICE: Final = "shop"
BUYERS: Final = 3
WITHIN_S: Final = 60.0
CART: Final = {"pencil": 1, "paper": 2}
STOCK: Final = 1_000_000
LATE_WORKER: Final = CQRS_PROJECTION  # joins while the link is silent: its group is on the master alone
LATE_GROUP: Final = STEPS[LATE_WORKER].group


@attrs.define
class Replicated:
    """A master, its replica behind a link, and a sentinel that watches both."""

    master: Node
    replica: Node
    link: Link
    sentinel: Node
    url: str


@pytest.fixture
def replicated(tmp_path: Path) -> Iterator[Replicated]:
    binary = binary_of("redis")
    master, replica, sentinel = (Node(binary, tmp_path) for _ in range(3))
    try:
        master.start()
        with Link(master.port) as link:
            replica.start("--replicaof", "127.0.0.1", str(link.port))
            eventually(lambda: master.replicas() == 1, within_s=30)
            sentinel.start_sentinel(
                f"sentinel monitor {SERVICE} 127.0.0.1 {master.port} 1",
                f"sentinel down-after-milliseconds {SERVICE} 1500",
                f"sentinel failover-timeout {SERVICE} 20000",
            )
            with sentinel.asked() as client:
                eventually(lambda: len(client.sentinel_slaves(SERVICE)) == 1, within_s=30)
            url = f"redis+sentinel://127.0.0.1:{free_port()},127.0.0.1:{sentinel.port}/{SERVICE}"
            yield Replicated(master, replica, link, sentinel, url)
    finally:
        for node in (sentinel, replica, master):
            node.kill()


def test_what_was_acknowledged_survives_the_master_and_is_carried_to_its_end(
    replicated: Replicated, tmp_path: Path
) -> None:
    container = container_on(replicated, tmp_path)
    for produit_id in CART:
        container.receiver().receive(produit_id=produit_id, units=STOCK)
    buyers, crew = Buyers(container), Crew()

    def hire(name: str) -> None:
        worker = worker_of(container, name)
        crew.start(lambda: worker.run(crew.stopped.is_set, crew.stopped.wait))

    try:
        for step in SAGA:
            if step.worker != LATE_WORKER:
                hire(step.worker)
        for buyer in range(BUYERS):
            crew.start(partial(buyers.run, buyer))
        eventually(lambda: len(buyers.acknowledged) >= 100, within_s=WITHIN_S)

        replicated.link.freeze()
        unknown, acknowledged = buyers.unknown, len(buyers.acknowledged)
        hire(LATE_WORKER)
        eventually(
            lambda: (
                LATE_GROUP in groups_on(replicated.master)
                and (buyers.unknown > unknown + BUYERS or len(buyers.acknowledged) > acknowledged + 50)
            ),
            within_s=WITHIN_S,
        )
        replicated.master.kill()
        acknowledged = len(buyers.acknowledged)
        eventually(replicated.replica.is_master, within_s=WITHIN_S)

        replicated.link.thaw()
        replicated.master.start("--replicaof", "127.0.0.1", str(replicated.replica.port))
        eventually(lambda: len(buyers.acknowledged) >= acknowledged + 100, within_s=WITHIN_S)
        with replicated.replica.asked() as client:  # and one whose checkpoint is still there
            assert client.xgroup_destroy(CHECKOUTS, STEPS[ORDER_CREATION].group)
        eventually(lambda: len(buyers.acknowledged) >= acknowledged + 200, within_s=WITHIN_S)
        buyers.stopped.set()

        lost = set(buyers.acknowledged) - checkouts_on(replicated.replica)
        assert not lost, f"{len(lost)} of {len(buyers.acknowledged)} acknowledged checkouts are gone"
        eventually(lambda: set(buyers.acknowledged) <= projected(container), within_s=WITHIN_S)
        eventually(lambda: len(ends_on(replicated.replica)) == len(checkouts_on(replicated.replica)))
    finally:
        buyers.stopped.set()
        crew.stopped.set()
        crew.join()

    assert set(groups_on(replicated.replica)) == {step.group for step in SAGA}
    ends = ends_on(replicated.replica)
    assert set(ends) == {"CheckoutSucceeded"}
    for produit_id, units in CART.items():
        stock = container.stock().of(produit_id)
        assert stock is not None
        assert (stock.units_free + stock.units_held, stock.units_held) == (STOCK, units * len(ends))
    container.redis().close()


@attrs.define
class Buyers:
    """Start checkouts, each repeated with its key until it is acknowledged."""

    container: Container
    acknowledged: dict[str, str] = attrs.Factory(dict)  # checkout id -> key
    unknown: int = 0
    stopped: threading.Event = attrs.Factory(threading.Event)

    def run(self, buyer: int) -> None:
        starter, number = self.container.starter(), 0
        while not self.stopped.wait(0.005):
            key = f"{buyer}-{number}"
            try:
                started = starter.start(client_id=CLIENT, cart=cart_of(CART), key=key)
            except Unavailable:
                self.unknown += 1
            else:
                self.acknowledged[started.checkout_id] = key
                number += 1


@attrs.define
class Crew:
    """Threads that work until `stopped`."""

    threads: list[threading.Thread] = attrs.Factory(list)
    stopped: threading.Event = attrs.Factory(threading.Event)

    def start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work)
        self.threads.append(thread)
        thread.start()

    def join(self) -> None:
        for thread in self.threads:
            thread.join(timeout=WITHIN_S)
            assert not thread.is_alive()


def container_on(replicated: Replicated, directory: Path) -> Container:
    settings = Settings(
        redis_url=replicated.url,
        wait_replicas=1,
        block_ms=100,
        retry_base_ms=50,
        retry_max_ms=500,
        claim_idle_ms=2_000,
        audit_dir=directory / "audit",
    )
    return Container(settings=settings)


def groups_on(node: Node) -> list[str]:
    with node.asked() as client, contextlib.suppress(ResponseError):
        return [str(group["name"].decode()) for group in client.xinfo_groups(CHECKOUTS)]
    return []


def checkouts_on(node: Node) -> set[str]:
    """The checkouts whose start is in the stream."""
    return {checkout_id for type_, checkout_id in entries_on(node) if type_ == "CheckoutInitiated"}


def ends_on(node: Node) -> list[str]:
    """The end facts in the stream."""
    return [type_ for type_, _ in entries_on(node) if type_ in {"CheckoutSucceeded", "CheckoutFailed"}]


def entries_on(node: Node) -> list[tuple[str, str]]:
    with node.asked() as client:
        found: Any = client.xrange(CHECKOUTS)
        return [(fields[b"type"].decode(), fields[b"checkout_id"].decode()) for _, fields in found]


def projected(container: Container) -> set[str]:
    """The checkouts with an order in the read model; none while it is out of reach."""
    with contextlib.suppress(Unavailable):
        found = container.read_model().orders_of(CLIENT, count=100_000)
        return {row.checkout_id for row in found.rows if row.status == "succeeded"}
    return set()


def test_the_server_check_asks_the_master_that_the_sentinels_name(replicated: Replicated) -> None:
    assert check_server(Settings(redis_url=replicated.url)).product == "Redis"

    with pytest.raises(
        StartRefused, match=r"/other cannot be used: no sentinel that answers knows its master$"
    ):
        check_server(Settings(redis_url=replicated.url.replace(SERVICE, "other")))
