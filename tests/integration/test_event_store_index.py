"""What lies beside the stream for each entity: as it is written, and as it was written once."""

from redis import Redis

from adapters.codec.envelope import encode
from adapters.redis_streams.keys import entity_key
from application.events.streams import CHECKOUTS
from application.ports.event_store import Appended, Conflict, Duplicate, EventStore
from tests.contracts.event_store_appending import ids
from tests.contracts.facts import CHECKOUT, at, failed, initiated, reserved
from tests.contracts.outside import Outside
from tests.contracts.places import OnFakeredis, OnRedis, OnValkey

AHEAD_MS = 9_000_000_000_000  # 2255: the server counts on within this millisecond


class Index:
    def test_it_takes_a_few_bytes_an_event(self, store: EventStore, client: "Redis") -> None:
        client.xadd(CHECKOUTS, {"type": "?"}, id=f"{AHEAD_MS}-6")

        store.append(CHECKOUTS, [(at(0, initiated(), reserved(event_id=f"{CHECKOUT}.1r")),)])

        noted = {b"initiated": b"%d007" % AHEAD_MS, b"1r": b"%d008" % AHEAD_MS}
        assert client.hgetall(entity_key(CHECKOUTS, CHECKOUT)) == noted

    def test_many_events_may_come_in_one_millisecond(self, store: EventStore, client: "Redis") -> None:
        client.xadd(CHECKOUTS, {"type": "?"}, id=f"{AHEAD_MS}-998")

        (first,) = store.append(CHECKOUTS, [(at(0, initiated(), reserved(), failed()),)])

        assert first == Appended(tuple(f"{AHEAD_MS}-{number}" for number in (999, 1000, 1001)))
        assert ids(store) == [(1, "initiated"), (2, "reserved"), (3, "failed")]
        assert store.append(CHECKOUTS, [(at(0, initiated(), reserved()),)]) == [
            Duplicate(first.positions[:2])
        ]
        assert all(store.find(CHECKOUTS, [(CHECKOUT, "initiated"), (CHECKOUT, "failed")]))

    def test_one_from_before_positions_were_packed_is_carried_on(
        self, store: EventStore, outside: Outside, client: "Redis"
    ) -> None:
        fields = encode(initiated(), version=1, emitted_at_s=1690000000.5)
        position = outside.write(CHECKOUTS, fields)
        client.hset(entity_key(CHECKOUTS, CHECKOUT), mapping={"initiated": position})

        assert store.append(CHECKOUTS, [(at(0, initiated()),)]) == [Duplicate((position,))]
        assert store.append(CHECKOUTS, [(at(0, reserved()),)]) == [Conflict(CHECKOUT, 1)]
        store.append(CHECKOUTS, [(at(1, reserved()),)])

        assert ids(store) == [(1, "initiated"), (2, "reserved")]
        ((started, _),) = store.read(CHECKOUTS, [CHECKOUT])
        assert store.find(CHECKOUTS, [(CHECKOUT, "initiated")]) == [started]
        assert started.position == position


class TestIndexOnFakeredis(OnFakeredis, Index):
    pass


class TestIndexOnValkey(OnValkey, Index):
    pass


class TestIndexOnRedis(OnRedis, Index):
    pass
