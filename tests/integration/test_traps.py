"""Traps that systems on Redis Streams fall into, each sprung on real servers."""

from collections.abc import Mapping
from typing import Any

import pytest

from adapters.inmemory.telemetry import RecordingTelemetry
from adapters.redis_streams.client import Client
from adapters.redis_streams.event_bus import RedisEventBus
from adapters.redis_streams.event_feed import RedisEventFeed
from adapters.redis_streams.event_reader import RedisEventReader
from adapters.redis_streams.event_store import RedisEventStore
from adapters.redis_streams.group_progress import RedisGroupProgress
from adapters.system_clock import SystemClock
from application.events.streams import CHECKOUTS, INVENTORY
from application.ports.errors import Unavailable
from tests.contracts.consumers import ONE, OTHER_GROUP, TWO, take, write
from tests.contracts.facts import CHECKOUT, at, initiated, received, reserved
from tests.contracts.outside import Outside
from tests.contracts.places import OnRedis, OnServer, OnValkey
from tests.contracts.workbench import Handled, another_client, commands, worker

BURST = 20_000
SOCKET_TIMEOUT_MS = 250
READER = "reader"


class Traps(OnServer):
    def test_a_burst_while_a_group_is_down_reaches_it_whole(
        self, store: RedisEventStore, bus: RedisEventBus, client: Client
    ) -> None:
        bus.join(ONE)
        take(bus, ONE)
        for first in range(0, BURST, 1_000):
            names = [f"checkout-{n}" for n in range(first, first + 1_000)]
            store.append(CHECKOUTS, [(at(0, initiated(name)),) for name in names])

        taken: list[str] = []
        for subscription in (ONE, OTHER_GROUP):
            bus.join(subscription)
            taken.clear()
            while batch := take(bus, subscription, 2_000):
                taken += batch
                bus.acknowledge(subscription, batch)
            assert len(set(taken)) == len(taken) == BURST
        assert client.xlen(CHECKOUTS) == BURST

    def test_a_new_group_is_made_at_the_beginning_and_not_at_the_end(
        self, bus: RedisEventBus, outside: Outside, client: Client
    ) -> None:
        write(outside, 3)

        bus.join(ONE)

        groups: Any = client.xinfo_groups(CHECKOUTS)
        assert groups[0]["last-delivered-id"] == b"0-0"

    def test_what_an_earlier_life_of_a_worker_left_is_handled_by_the_next(
        self, bus: RedisEventBus, outside: Outside, client: Client, telemetry: RecordingTelemetry
    ) -> None:
        positions = write(outside, 3)
        bus.join(ONE)
        take(bus, ONE)
        handler = Handled()

        worker(client, handler, telemetry).turn()

        assert handler.positions == positions
        assert bus.pending(ONE, count=10) == []

    def test_nothing_the_adapters_do_trims_deletes_or_makes_a_consumer_forget(
        self, store: RedisEventStore, bus: RedisEventBus, client: Client, telemetry: RecordingTelemetry
    ) -> None:
        client.config_resetstat()
        store.append(CHECKOUTS, [(at(0, initiated(), reserved()),)])
        worker(client, Handled(), telemetry).turn()
        bus.backlog(ONE)

        used = commands(client)

        assert used["xadd"] == 2
        assert used["xack"] == 1
        assert not {"xtrim", "xdel", "del", "unlink", "xautoclaim", "xgroup|delconsumer"} & set(used)
        assert not {"xgroup|destroy", "xgroup|setid", "xsetid"} & set(used)

    def test_what_a_consumer_held_outlives_it(
        self, bus: RedisEventBus, outside: Outside, client: Client
    ) -> None:
        positions = write(outside, 3)
        bus.join(ONE)
        take(bus, ONE)
        client.connection_pool.disconnect()

        claimed = bus.claim(TWO, positions, min_idle_ms=0)

        assert [delivery.position for delivery in claimed] == positions

    def test_replay_looks_at_the_events_of_its_checkout_only(
        self, store: RedisEventStore, client: Client
    ) -> None:
        store.append(CHECKOUTS, [(at(0, initiated(), reserved()),)])
        alone = cost_of_reading(store, client)
        store.append(CHECKOUTS, [(at(0, initiated(f"other-{n}")),) for n in range(3_000)])

        assert cost_of_reading(store, client) == alone

    def test_what_only_reads_needs_no_right_to_write(self, store: RedisEventStore, client: Client) -> None:
        store.append(CHECKOUTS, [(at(0, initiated()),)])
        store.append(INVENTORY, [(at(0, received()),)])
        client.acl_setuser(
            READER,
            enabled=True,
            nopass=True,
            keys=["*"],
            categories=["-@all", "+@read", "+@connection"],
            commands=["+eval_ro"],
            reset=True,
        )
        read_only = another_client(client, SOCKET_TIMEOUT_MS, username=READER, password="any")
        reader = RedisEventReader(read_only)

        assert len(reader.read(CHECKOUTS, [CHECKOUT])[0]) == 1
        assert len(reader.page(CHECKOUTS, count=10).entries) == 1
        assert reader.find(CHECKOUTS, [(CHECKOUT, "initiated")])[0] is not None
        assert reader.known_entities(INVENTORY, count=1) == []
        assert reader.snapshots(INVENTORY, ["p"])["p"][1] == 0
        feed = RedisEventFeed(read_only)
        assert [entry.position for entry in feed.read(CHECKOUTS, after="0-0", count=2, block_ms=1)] == [
            feed.end(CHECKOUTS)
        ]
        assert not RedisGroupProgress(read_only).has_handled(CHECKOUTS, ONE.group, feed.end(CHECKOUTS))
        with pytest.raises(Unavailable, match="permissions"):
            RedisEventStore(read_only, SystemClock()).append(CHECKOUTS, [(at(1, reserved()),)])
        read_only.close()
        client.acl_deluser(READER)


class TestTrapsOnValkey(OnValkey, Traps):
    pass


class TestTrapsOnRedis(OnRedis, Traps):
    pass


def cost_of_reading(store: RedisEventStore, client: Client) -> Mapping[str, int]:
    """What reading one checkout made the server do."""
    client.config_resetstat()
    assert len(store.read(CHECKOUTS, [CHECKOUT])[0]) == 2
    return commands(client)
