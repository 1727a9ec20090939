"""What it costs to ask, over HTTP, while the past grows: the answer is the same size, the stream is not."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

import attrs

from application.worker.loop import Worker
from bench.effort import Effort
from bench.figures import Figure, Goal, ratios
from bench.histories import clients_of, fill
from bench.requests import connected, get_ms, percentile
from bench.rig import Rig
from domain.checkout.saga import CQRS_PROJECTION
from entrypoints.container import worker_of

SIZES: Final = (1_000, 100_000)
SIZE_FULL: Final = 1_000_000
WARM_UP: Final = 50
ASKED_PER_S: Final = 150  # of each question at each size
_PATHS: Final = {
    "replay": "/api/event-store/replay/checkout/{checkout}",
    "orders by client": "/api/event-store/cqrs/orders-by-client/{client}",
}


@attrs.frozen
class Asked:
    """An API on a stream of so many events."""

    events: int
    connection: Any
    checkouts: Sequence[str]

    def ms(self, path: str, place: int) -> float:
        """How long it takes to answer about a checkout, a different one for each place."""
        checkout = self.checkouts[place * 7919 % len(self.checkouts)]
        clients = clients_of(self.events)
        return get_ms(
            self.connection, path.format(checkout=checkout, client=f"client-{place * 7919 % clients:05d}")
        )


def measure(effort: Effort) -> list[Figure]:
    """Percentiles of both questions at each size; the sizes take turns, request by request."""
    sizes = (*SIZES, SIZE_FULL) if effort.full else SIZES
    figures: list[Figure] = []
    with contextlib.ExitStack() as closing:
        asked = [closing.enter_context(_api_on(size)) for size in sizes]
        count = effort.count(ASKED_PER_S, least=100, most=10_000)
        for question, path in _PATHS.items():
            _round_ms(asked, path, range(WARM_UP))
            taken = [_round_ms(asked, path, range(n * count, (n + 1) * count)) for n in range(effort.rounds)]
            figures += _figures(question, sizes, taken)
    return figures


def _round_ms(asked: Sequence[Asked], path: str, places: Sequence[int]) -> list[list[float]]:
    """Per size, how long each answer took."""
    rows = [[api.ms(path, place) for api in asked] for place in places]
    return [list(column) for column in zip(*rows, strict=True)]


def _figures(question: str, sizes: Sequence[int], taken: list[list[list[float]]]) -> Iterator[Figure]:
    is_replay = question == "replay"
    for percent in (50, 99):
        of_size = {
            size: tuple(percentile(round_ms[place], percent) for round_ms in taken)
            for place, size in enumerate(sizes)
        }
        for size, values in of_size.items():
            goal = Goal("<=", 3.0) if is_replay and percent == 50 else None
            what = f"p{percent}, {size:,} events"
            yield Figure(of=f"{question} over HTTP", what=what, unit="ms", rounds=values, goal=goal)
        grown = ratios(of_size[sizes[-1]], of_size[sizes[0]])
        goal = Goal("<=", 1.2) if is_replay and percent == 99 else None
        what = f"p{percent}, {sizes[-1]:,} to {sizes[0]:,} events"
        yield Figure(of=f"{question} over HTTP", what=what, unit="", rounds=grown, goal=goal)


@contextlib.contextmanager
def _api_on(events: int) -> Iterator[Asked]:
    with Rig.running() as rig:
        checkouts = fill(rig.client, events=events)
        _catch_up(worker_of(rig.container, CQRS_PROJECTION), events)
        with connected(rig.start_api().url) as connection:
            yield Asked(events, connection, checkouts)


def _catch_up(worker: Worker, events: int) -> None:
    seen = 0
    while seen < events:
        came_in = worker.turn()
        assert came_in, "the projection does not get on"
        seen += came_in
