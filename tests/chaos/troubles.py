"""Makes the trouble that was planned, on the processes of a running service."""

import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import attrs
import redis

from application.ports.errors import Unavailable
from entrypoints.settings import WORKERS
from tests.chaos.freezing import freeze
from tests.chaos.plan import Kind, Trouble
from tests.instance import RunningService, is_alive
from tests.waiting import eventually

FULL_S: Final = 5.0
"""How long the memory stays full, from the first write that was refused."""
HEADROOM_BYTES: Final = 256 * 1024
PATIENCE_S: Final = 60.0


@attrs.define
class Troublemaker:
    """Counts what it did; `failures` are troubles that it could not make."""

    service: RunningService
    done: Counter[Kind] = attrs.Factory(Counter)
    failures: list[str] = attrs.Factory(list)
    taken_over: int = 0
    """Deliveries that others took over from the frozen one."""
    refused_writes: int = 0
    """Writes that the server refused for want of memory."""
    _killed: set[int] = attrs.Factory(set)

    def make(self, troubles: Sequence[Trouble]) -> None:
        """Make them all, each at its time; returns when the last is over.

        A server that is not the service's is started again by this thread, which must outlive it.
        """
        began_s = time.monotonic()
        often = [trouble for trouble in troubles if trouble.kind == "kill worker"]
        frozen = [trouble for trouble in troubles if trouble.kind == "freeze"]
        rest = [trouble for trouble in troubles if trouble not in often and trouble not in frozen]
        threads = [
            threading.Thread(target=self._make_in_turn, args=(some, began_s), daemon=True)
            for some in (often, frozen)
        ]
        for thread in threads:
            thread.start()
        self._make_in_turn(rest, began_s)
        for thread in threads:
            thread.join()

    def _make_in_turn(self, troubles: Sequence[Trouble], began_s: float) -> None:
        makers: dict[Kind, Callable[[Trouble], None]] = {
            "kill worker": self._kill_worker,
            "freeze": self._freeze,
            "kill server": self._kill_server,
            "kill API": self._kill_api,
            "fill memory": self._fill_memory,
        }
        for trouble in troubles:
            time.sleep(max(0.0, began_s + trouble.at_s - time.monotonic()))
            try:
                makers[trouble.kind](trouble)
            except (AssertionError, OSError, redis.RedisError, Unavailable) as error:
                self.failures.append(f"{trouble}: {type(error).__name__}: {error}")
            else:
                self.done[trouble.kind] += 1

    def _kill_worker(self, trouble: Trouble) -> None:
        first = WORKERS.index(trouble.worker)
        pid = eventually(lambda: self._living([*WORKERS[first:], *WORKERS[:first]]), PATIENCE_S)
        self._kill(pid)

    def _kill_api(self, _: Trouble) -> None:
        self._kill(eventually(lambda: self._living(["api"]), PATIENCE_S))

    def _kill(self, pid: int) -> None:
        self._killed.add(pid)
        os.kill(pid, signal.SIGKILL)

    def _living(self, names: Sequence[str]) -> int | None:
        pids = self.service.pids()
        alive = (pids[name] for name in names if pids[name] not in self._killed)
        return next((pid for pid in alive if self._is_ours(pid)), None)

    def _is_ours(self, pid: int) -> bool:
        """A number may have gone to another process since the screen showed it. Only Linux tells."""
        if not is_alive(pid) or sys.platform != "linux":
            return is_alive(pid)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1] == str(self.service.pid)

    def _kill_server(self, _: Trouble) -> None:
        external = self.service.external
        os.kill(self.service.server_pid(), signal.SIGKILL)
        if external:
            eventually(external.process.ended)
            external.start()
        eventually(self._server_answers, PATIENCE_S)

    def _server_answers(self) -> bool:
        try:
            return bool(self.service.server.ping())
        except redis.RedisError:
            return False

    def _fill_memory(self, _: Trouble) -> None:
        """Nothing may be written for a while, or only little things."""
        server = self.service.server
        refused = _refused_writes(server)
        server.config_set("maxmemory", server.info("memory")["used_memory"] + HEADROOM_BYTES)
        try:
            eventually(lambda: _refused_writes(server) > refused, PATIENCE_S)
            time.sleep(FULL_S)
        finally:
            server.config_set("maxmemory", 0)
        self.refused_writes = _refused_writes(server) - refused

    def _freeze(self, trouble: Trouble) -> None:
        self.taken_over += freeze(self.service, trouble.worker)


def _refused_writes(server: Any) -> int:
    return int(server.info("errorstats").get("errorstat_OOM", {}).get("count", 0))
