"""How many checkouts a second one API process accepts, beside a bare Flask route on the same server."""

import sys
from typing import Final

from bench import http_load
from bench.effort import Effort
from bench.figures import Figure, Goal, ratios
from bench.http_load import CONNECTIONS, TOOL, Load
from bench.requests import body_of
from bench.rig import Rig
from bench.shop import Shoppers
from entrypoints.ports import free_port

WARM_UP_S: Final = 1.0


def measure(effort: Effort) -> list[Figure]:
    """Requests a second and how long they take, ours and the bare route's in turn."""
    with Rig.running() as rig:
        port = free_port()
        argv = (sys.executable, "-m", "bench.bare_flask", str(port))
        environment = {"REDIS_URL": rig.settings.redis_url}
        bare = rig.start_program("bare-flask", argv, f"http://127.0.0.1:{port}/", environment).url
        ours = f"{rig.start_api().url}/api/checkouts"
        body = body_of(Shoppers().start())
        for url in (bare, ours):
            http_load.post(url, body, WARM_UP_S)
        taken: dict[str, list[Load]] = {bare: [], ours: []}
        for _ in range(effort.rounds):
            for url, loads in taken.items():
                loads.append(http_load.post(url, body, effort.seconds))
    name = f"POST /api/checkouts, {CONNECTIONS} connections, {TOOL}"
    ours_per_s, bare_per_s = ([load.per_s for load in taken[url]] for url in (ours, bare))

    def figure(what: str, unit: str, values: list[float]) -> Figure:
        return Figure(of=name, what=what, unit=unit, rounds=tuple(values))

    return [
        figure("accepted", "requests/s", ours_per_s),
        figure("bare Flask route, one XADD", "requests/s", bare_per_s),
        Figure(of=name, what="ratio", unit="", rounds=ratios(ours_per_s, bare_per_s), goal=Goal(">=", 0.7)),
        figure("p50", "ms", [load.p50_ms for load in taken[ours]]),
        figure("p99", "ms", [load.p99_ms for load in taken[ours]]),
        figure("p50 of the bare route", "ms", [load.p50_ms for load in taken[bare]]),
        figure("p99 of the bare route", "ms", [load.p99_ms for load in taken[bare]]),
    ]
