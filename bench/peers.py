"""Other people's packages at comparable work, where they are installed (`make bench-peers`).

FastStream reads messages that it published itself from a stream in a consumer group and acknowledges them;
`eventsourcing` appends the events of the same checkouts, one save for each step of the saga, to SQLite.
"""

import importlib.util
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Final

from application.events.streams import CHECKOUTS
from bench import bare
from bench.effort import Effort, rounds
from bench.figures import Figure
from bench.rig import Rig
from bench.shop import BATCH, Shoppers, append_all
from bench.worker_loop import HANDLES, loop_per_s

MESSAGES_MAX: Final = 20_000


def measure(effort: Effort) -> list[Figure]:
    """What each peer does in a second, and ours and the bare client's beside it, round by round."""
    return [*_consuming(effort), *_storing(effort)]


def _consuming(effort: Effort) -> list[Figure]:
    faststream = _peer("faststream", "bench.peer_faststream")
    with Rig.running() as rig:
        count = effort.count(4_000, least=BATCH, most=MESSAGES_MAX)
        append_all(rig.container.bare_event_store(), Shoppers().transactions(count))
        url = rig.settings.redis_url
        measured: dict[str, Callable[[], float]] = {
            "ours, no-op handler": lambda: loop_per_s(rig, HANDLES, count),
            "bare XREADGROUP(100) + XACK": lambda: bare.read_and_acknowledge_per_s(
                rig.client, CHECKOUTS, "bare", count
            ),
        }
        if faststream:
            measured |= {
                "FastStream, message by message": lambda: faststream.consumed_per_s(url, count, batch=False),
                "FastStream, batches": lambda: faststream.consumed_per_s(url, count, batch=True),
            }
        return _figures("peers: consuming", "messages/s", effort, measured)


def _storing(effort: Effort) -> list[Figure]:
    eventsourcing = _peer("eventsourcing", "bench.peer_eventsourcing")
    if eventsourcing is None:
        return []
    checkouts = effort.count(800, least=100, most=MESSAGES_MAX)
    measured = {"eventsourcing on SQLite": lambda: float(eventsourcing.saved_per_s(checkouts))}
    return _figures("peers: storing", "events/s", effort, measured)


def _figures(of: str, unit: str, effort: Effort, measured: dict[str, Callable[[], float]]) -> list[Figure]:
    taken = rounds(effort, *measured.values())
    return [
        Figure(of=of, what=what, unit=unit, rounds=values)
        for what, values in zip(measured, taken, strict=True)
    ]


def _peer(package: str, module: str) -> ModuleType | None:
    if importlib.util.find_spec(package) is None:
        print(f"{package} is not installed and is left out: make bench-peers installs it", file=sys.stderr)
        return None
    return importlib.import_module(module)
