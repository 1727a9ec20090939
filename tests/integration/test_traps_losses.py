"""Traps around groups that vanish and servers that keep silent, on real servers."""

import threading
import time

import pytest

from adapters.inmemory.clock import FakeClock
from adapters.inmemory.telemetry import RecordingTelemetry
from adapters.redis_streams.client import Client
from adapters.redis_streams.event_bus import RedisEventBus
from adapters.redis_streams.group_state import BY_DEFAULT, PAGE_ENTRIES, GroupState, LagCount
from adapters.redis_streams.server_clock import ServerClock
from application.events.streams import CHECKOUTS
from application.ports.errors import Unavailable
from tests.contracts.consumers import ONE, write
from tests.contracts.outside import Outside
from tests.contracts.places import OnRedis, OnServer, OnValkey
from tests.contracts.workbench import Handled, another_client, blocked_clients, commands, worker
from tests.waiting import eventually

SOCKET_TIMEOUT_MS = 250


class Losses(OnServer):
    def test_a_worker_goes_on_when_its_group_was_destroyed(
        self, outside: Outside, client: Client, telemetry: RecordingTelemetry
    ) -> None:
        handler = Handled()
        it = worker(client, handler, telemetry)
        before = write(outside, 2)
        it.turn()
        client.xgroup_destroy(CHECKOUTS, ONE.group)
        after = write(outside, 2)

        for _ in range(3):
            it.turn()

        assert set(handler.positions) == {*before, *after}
        assert handler.positions[-2:] == after

    def test_a_group_that_has_read_everything_has_no_lag_whatever_the_server_counts(
        self, outside: Outside, client: Client, telemetry: RecordingTelemetry
    ) -> None:
        """Redis 7.0, killed after its append-only file was rewritten, forgets how much a group had read."""
        it = worker(client, Handled(), telemetry)
        *_, last = write(outside, 10)
        it.turn()
        client.xgroup_setid(CHECKOUTS, ONE.group, last, entries_read=5)
        bus = RedisEventBus(client, telemetry)

        assert bus.backlog(ONE).lag_events == 0
        write(outside, 3)
        assert bus.backlog(ONE).lag_events == 3

    def test_the_server_is_believed_for_a_while_and_checked_again(
        self, outside: Outside, client: Client, telemetry: RecordingTelemetry
    ) -> None:
        clock = FakeClock()
        state = GroupState(client, ServerClock(client), clock.now_s)
        RedisEventBus(client, telemetry).join(ONE)
        middle = write(outside, 10)[4]
        client.xgroup_setid(CHECKOUTS, ONE.group, middle, entries_read=5)
        assert state.backlog(ONE).lag_events == 5
        before = commands(client)["xrange"]

        assert state.backlog(ONE).lag_events == 5
        assert commands(client)["xrange"] == before + 1  # the oldest that waits; none is counted
        client.xgroup_setid(CHECKOUTS, ONE.group, middle, entries_read=2)
        clock.advance(BY_DEFAULT.trusted_s)
        assert state.backlog(ONE).lag_events == 5

    @pytest.mark.parametrize("more", [-1, 0, 1, PAGE_ENTRIES])
    def test_a_lag_is_counted_page_by_page_and_no_further_than_is_asked(
        self, outside: Outside, client: Client, telemetry: RecordingTelemetry, more: int
    ) -> None:
        RedisEventBus(client, telemetry).join(ONE)
        first, *_ = write(outside, PAGE_ENTRIES + more + 1)
        client.xdel(CHECKOUTS, first)  # from then on the server's count is wrong

        def lag(entries_max: int) -> int:
            counting = LagCount(entries_max=entries_max)
            return GroupState(client, ServerClock(client), counting=counting).backlog(ONE).lag_events

        assert lag(10 * PAGE_ENTRIES) == PAGE_ENTRIES + more
        assert lag(PAGE_ENTRIES - 2) == PAGE_ENTRIES - 2

    def test_a_worker_goes_on_when_its_stream_was_deleted(
        self, outside: Outside, client: Client, telemetry: RecordingTelemetry
    ) -> None:
        handler = Handled()
        it = worker(client, handler, telemetry)
        write(outside, 2)
        it.turn()
        client.delete(CHECKOUTS)
        it.turn()
        after = write(outside, 2)
        it.turn()

        assert handler.positions[-2:] == after

    @pytest.mark.parametrize("loss", ["group", "stream", "everything"])
    def test_a_consumer_that_waits_notices_the_loss_and_what_comes_then(
        self, bus: RedisEventBus, outside: Outside, client: Client, loss: str
    ) -> None:
        bus.join(ONE)
        received: list[str] = []
        waiting = threading.Thread(target=lambda: received.extend(take_when_there(bus)))
        waiting.start()
        eventually(lambda: blocked_clients(client) == 1)

        match loss:
            case "group":
                client.xgroup_destroy(CHECKOUTS, ONE.group)
            case "stream":
                client.delete(CHECKOUTS)
            case _:
                client.flushall()
        positions = write(outside, 1)

        waiting.join(10)
        assert received == positions

    def test_a_key_of_another_kind_is_not_taken_for_a_group_that_exists(
        self, bus: RedisEventBus, client: Client
    ) -> None:
        client.set(CHECKOUTS, "not a stream")

        with pytest.raises(Unavailable, match="WRONGTYPE"):
            bus.join(ONE)
        with pytest.raises(Unavailable, match="WRONGTYPE"):
            bus.receive(ONE, count=1, block_ms=0)

    def test_an_idle_worker_outlives_the_socket_timeout_many_times(
        self, client: Client, telemetry: RecordingTelemetry, outside: Outside
    ) -> None:
        impatient = another_client(client, SOCKET_TIMEOUT_MS)
        handler = Handled()
        it = worker(impatient, handler, telemetry)
        end_s = time.monotonic() + 4 * SOCKET_TIMEOUT_MS / 1000

        it.run(lambda: time.monotonic() > end_s, lambda _: pytest.fail("it had to wait"))

        assert telemetry.interruptions == []
        positions = write(outside, 1)
        it.turn()
        assert handler.positions == positions
        impatient.close()

    def test_the_drivers_own_patience_is_never_left_to_its_defaults(self, client: Client) -> None:
        settings = client.connection_pool.connection_kwargs

        assert settings["socket_timeout"]
        assert settings["socket_connect_timeout"]
        assert settings["retry"].get_retries() <= 1


class TestLossesOnValkey(OnValkey, Losses):
    pass


class TestLossesOnRedis(OnRedis, Losses):
    pass


def take_when_there(bus: RedisEventBus) -> list[str]:
    """The positions of the first deliveries, waiting long for them."""

    def ask() -> list[str]:
        return [delivery.position for delivery in bus.receive(ONE, count=10, block_ms=5_000)]

    return eventually(ask)
