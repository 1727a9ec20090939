"""As many requests as a server takes: wrk where it is installed, else processes of our own."""

import math
import multiprocessing
import re
import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import attrs

from bench.requests import connected, percentile

CONNECTIONS: Final = 16
PROCESSES: Final = 2
WRK: Final = shutil.which("wrk")
TOOL: Final = "wrk" if WRK else "2 Python processes (wrk is not installed)"
_MARGIN_S: Final = 30.0
_UNITS_MS: Final = {"us": 0.001, "ms": 1.0, "s": 1_000.0}


@attrs.frozen(kw_only=True)
class Load:
    """What a server took."""

    requests: int
    per_s: float
    p50_ms: float
    p99_ms: float


def post(url: str, body: bytes, seconds: float) -> Load:
    """POST `body` to `url` from `CONNECTIONS` connections at once.

    Raises:
        RuntimeError: a request was refused.
    """
    return _with_wrk(WRK, url, body, seconds) if WRK else _with_processes(url, body, seconds)


def _with_wrk(wrk: str, url: str, body: bytes, seconds: float) -> Load:
    script = (
        f"wrk.method = 'POST'\nwrk.body = [==[{body.decode()}]==]\n"
        "wrk.headers['Content-Type'] = 'application/json'\n"
    )
    with tempfile.TemporaryDirectory(prefix="comptoir-bench-") as directory:
        path = Path(directory) / "post.lua"
        path.write_text(script, encoding="utf-8")
        whole_s = max(1, math.ceil(seconds))
        argv = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{whole_s}s", "--latency", "-s", str(path), url]
        said = subprocess.run(
            argv, capture_output=True, text=True, check=True, timeout=whole_s + _MARGIN_S
        ).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    (requests,), (per_s,) = (
        re.findall(r"(\d+) requests in", said),
        re.findall(r"Requests/sec: +([\d.]+)", said),
    )
    p50_ms, p99_ms = _percentile_ms(said, 50), _percentile_ms(said, 99)
    return Load(requests=int(requests), per_s=float(per_s), p50_ms=p50_ms, p99_ms=p99_ms)


def _percentile_ms(said: str, percent: int) -> float:
    ((value, unit),) = re.findall(rf"{percent}% +([\d.]+)(us|ms|s)\b", said)
    return float(value) * _UNITS_MS[unit]


def _with_processes(url: str, body: bytes, seconds: float) -> Load:
    context = multiprocessing.get_context("spawn")
    with context.Pool(PROCESSES) as pool:
        asked = [(url, body, seconds)] * PROCESSES
        taken_ms = [ms for part in pool.starmap(_post_from_threads, asked) for ms in part]
    p50_ms, p99_ms = percentile(taken_ms, 50), percentile(taken_ms, 99)
    return Load(requests=len(taken_ms), per_s=len(taken_ms) / seconds, p50_ms=p50_ms, p99_ms=p99_ms)


def _post_from_threads(url: str, body: bytes, seconds: float) -> list[float]:
    """How long each request of this process took, in milliseconds."""
    taken_ms: list[float] = []
    end_s = time.perf_counter() + seconds

    def post_on_one_connection() -> None:
        with connected(url) as connection:
            while (began_s := time.perf_counter()) < end_s:
                connection.request("POST", urlsplit(url).path, body, {"Content-Type": "application/json"})
                response = connection.getresponse()
                answer = response.read()
                if response.status >= 300:
                    raise RuntimeError(answer)
                taken_ms.append((time.perf_counter() - began_s) * 1000)

    threads = CONNECTIONS // PROCESSES
    with ThreadPoolExecutor(threads) as pool:
        for posting in [pool.submit(post_on_one_connection) for _ in range(threads)]:
            posting.result()
    return taken_ms
