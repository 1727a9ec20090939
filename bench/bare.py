"""What redis-py does when it does nothing else: the yardstick of every ratio."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bench.shop import BATCH

KEY: Final = "bare"
READ_COUNT: Final = 100


def xadd_per_s(client: Any, entries: Sequence[Mapping[bytes, bytes]]) -> float:
    """Entries a second, `BATCH` to a pipeline without a transaction. What it wrote is removed again."""
    began_s = time.perf_counter()
    for first in range(0, len(entries), BATCH):
        pipe = client.pipeline(transaction=False)
        for fields in entries[first : first + BATCH]:
            pipe.xadd(KEY, fields)
        pipe.execute()
    rate = len(entries) / (time.perf_counter() - began_s)
    client.delete(KEY)
    return rate


def read_and_acknowledge_per_s(client: Any, stream: str, group: str, count: int) -> float:
    """Entries a second of a loop of XREADGROUP and XACK, in a new group from the beginning."""
    client.xgroup_create(stream, group, id="0")
    began_s = time.perf_counter()
    done = 0
    while done < count:
        ((_, entries),) = client.xreadgroup(group, "bare", {stream: ">"}, count=READ_COUNT)
        client.xack(stream, group, *(place for place, _ in entries))
        done += len(entries)
    rate = done / (time.perf_counter() - began_s)
    client.xgroup_destroy(stream, group)
    return rate
