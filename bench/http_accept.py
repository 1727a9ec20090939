"""How many checkouts a second one API process accepts, beside a bare Flask route on the same server."""

import sys
from pathlib import Path
from typing import Final

from bench import http_load
from bench.effort import PER_MILLION, Effort
from bench.figures import Figure, Goal, ratios
from bench.http_load import CONNECTIONS, TOOL, Load
from bench.requests import body_of
from bench.rig import Process, Rig
from bench.shop import Shoppers
from entrypoints.up.ports import free_port

WARM_UP_S: Final = 1.0


def measure(effort: Effort) -> list[Figure]:
    """Requests a second and how long they take, ours and the bare route's in turn."""
    with Rig.running() as rig:
        port = free_port()
        argv = (sys.executable, "-m", "bench.bare_flask", str(port))
        environment = {"REDIS_URL": rig.settings.redis_url}
        bare = rig.start_program("bare-flask", argv, f"http://127.0.0.1:{port}/", environment)
        api = rig.start_api()
        body = body_of(Shoppers().start())
        paths = {bare.name: (bare, bare.url), api.name: (api, f"{api.url}/api/checkouts")}
        taken: dict[str, list[Load]] = {name: [] for name in paths}
        cpu_us: dict[str, list[float]] = {name: [] for name in paths}
        for _, url in paths.values():
            http_load.post(url, body, WARM_UP_S)
        for _ in range(effort.rounds):
            for name, (process, url) in paths.items():
                before_s = _cpu_s(process.pid)
                load = http_load.post(url, body, effort.seconds)
                taken[name].append(load)
                cpu_us[name].append((_cpu_s(process.pid) - before_s) * PER_MILLION / load.requests)
    return _figures(taken[api.name], cpu_us[api.name], taken[bare.name], cpu_us[bare.name])


def _cpu_s(pid: int) -> float:
    """The processor time of a process and of those that it has started."""
    children = [
        int(child)
        for task in Path(f"/proc/{pid}/task").glob("*/children")
        for child in task.read_text().split()
    ]
    return Process("", pid).cpu_s() + sum(map(_cpu_s, children))


def _figures(ours: list[Load], ours_us: list[float], bare: list[Load], bare_us: list[float]) -> list[Figure]:
    name = f"POST /api/checkouts, {CONNECTIONS} connections, {TOOL}"
    ours_per_s, bare_per_s = ([load.per_s for load in loads] for loads in (ours, bare))

    def figure(what: str, unit: str, values: list[float]) -> Figure:
        return Figure(of=name, what=what, unit=unit, rounds=tuple(values))

    return [
        figure("accepted", "requests/s", ours_per_s),
        figure("bare Flask route, one XADD", "requests/s", bare_per_s),
        Figure(of=name, what="ratio", unit="", rounds=ratios(ours_per_s, bare_per_s), goal=Goal(">=", 0.7)),
        figure("p50", "ms", [load.p50_ms for load in ours]),
        figure("p99", "ms", [load.p99_ms for load in ours]),
        figure("p50 of the bare route", "ms", [load.p50_ms for load in bare]),
        figure("p99 of the bare route", "ms", [load.p99_ms for load in bare]),
        figure("processor time", "us/request", ours_us),
        figure("processor time of the bare route", "us/request", bare_us),
        figure("ratio of processor time", "", list(ratios(bare_us, ours_us))),
    ]
