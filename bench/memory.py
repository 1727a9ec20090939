"""What a finished checkout leaves in the server's memory: in all, and by kind of key."""

from collections.abc import Iterable
from typing import Any, Final

import attrs

from adapters.redis_streams.editions import ORDERS
from adapters.redis_streams.keys import entity_key, snapshots_key, stream_key
from application.events.streams import CHECKOUTS, INVENTORY
from bench.effort import Effort
from bench.figures import Figure, Goal
from bench.rig import Rig
from bench.saga_drain import WARM_UP, drain
from bench.shop import Shoppers, stock_up

COUNT: Final = 16_000
"""16 orders a client, who share a row. The server's table of keys doubles by powers of two: another count is
another figure."""
SCAN_COUNT: Final = 1_000
OF: Final = "memory of a finished checkout, 2 lines"


def measure(effort: Effort) -> list[Figure]:  # noqa: ARG001 - always as many
    """Bytes a checkout. One round: memory does not depend on the weather."""
    with Rig.running() as rig:
        stock_up(rig.container.receiver())
        workers, shoppers = rig.start_workers(), Shoppers()
        drain(rig, workers, shoppers, WARM_UP)  # what is there once, however many checkouts follow
        before = Memory.of(rig.client)
        drain(rig, workers, shoppers, COUNT)
        after = Memory.of(rig.client)
    parts = {kind: (after.kinds[kind] - before.kinds[kind]) / COUNT for kind in after.kinds}
    inventory = sum(size for kind, size in parts.items() if kind.startswith("inventory"))
    used = (after.used - before.used) / COUNT
    return [
        _figure("used_memory", used),
        _figure("used_memory without the inventory's share", used - inventory, Goal("<=", 1_300)),
        *(_figure(f"MEMORY USAGE: {kind}", size) for kind, size in parts.items()),
        _figure("used_memory beyond those, as the key table", used - sum(parts.values())),
    ]


def _figure(what: str, bytes_: float, goal: Goal | None = None) -> Figure:
    return Figure(of=OF, what=what, unit="B/checkout", rounds=(bytes_,), goal=goal)


@attrs.frozen
class Memory:
    """Bytes in use, and those of each kind of key."""

    used: int
    kinds: dict[str, int]

    @classmethod
    def of(cls, client: Any) -> "Memory":
        """What it is now, without what connections and the log of writes hold for a moment."""
        told = client.info("memory")
        used = told["used_memory"] - told["mem_clients_normal"] - told["mem_aof_buffer"]
        kinds = dict.fromkeys(
            ("stream", "index", "read model", "inventory stream", "inventory index", "other"), 0
        )
        for keys in _chunks(client):
            pipe = client.pipeline(transaction=False)
            for key in keys:
                pipe.memory_usage(key, samples=0)
            for key, size in zip(keys, pipe.execute(), strict=True):
                kinds[_kind_of(key.decode())] += size or 0
        return cls(used, kinds)


def _chunks(client: Any) -> Iterable[list[bytes]]:
    cursor = 0
    while True:
        cursor, keys = client.scan(cursor, count=SCAN_COUNT)
        yield keys
        if cursor == 0:
            return


def _kind_of(key: str) -> str:
    if key == stream_key(CHECKOUTS):
        return "stream"
    if key == stream_key(INVENTORY):
        return "inventory stream"
    if key.startswith(entity_key(CHECKOUTS, "")):
        return "index"
    if key.startswith((entity_key(INVENTORY, ""), snapshots_key(INVENTORY))):
        return "inventory index"
    return "read model" if key.startswith(ORDERS) else "other"
