"""Whether the server can be worked with now, and keeps what the settings promise."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs
import structlog
from redis import Redis
from redis.exceptions import NoPermissionError, RedisError

from application.ports.readiness import Readiness

FRESH_S: Final = 1.0
"""How long an answer is given again before the server is asked again."""

REPLICA_SILENCE_MAX_S: Final = 5

SECTIONS: Final = ("replication", "persistence", "memory")
DISK_STATUSES: Final = ("aof_last_write_status", "rdb_last_bgsave_status")
STORE: Final = "event store"


@attrs.frozen(kw_only=True)
class Condition:
    """What is wrong with the server (name -> sentence), what might be soon, who has copies, how full it is
    (`memory_max_bytes` is 0 where nothing bounds it), and whether it keeps on disk what it holds. Not `told`:
    it said nothing of itself, and these are no figures."""

    problems: Mapping[str, str] = attrs.Factory(dict)
    warnings: tuple[str, ...] = ()
    replicas_in_sync: int = 0
    memory_used_bytes: int = 0
    memory_max_bytes: int = 0
    append_only: bool = False
    writes_to_disk: bool = True
    told: bool = True

    @property
    def promise_kept(self) -> bool:
        """Whether what is appended now will be as durable as the settings say."""
        return not self.problems


def condition_of(
    info: Mapping[str, Any], *, replicas_wanted: int, silence_max_s: int = REPLICA_SILENCE_MAX_S
) -> Condition:
    """What to make of a server's answer to INFO. A replica that is in step says so every second."""
    problems: dict[str, str] = {}
    if info.get("role", "master") != "master":
        master = f"{info.get('master_host')}:{info.get('master_port')}"
        problems["role"] = f"the server is a replica of {master} and takes no writes"
    if info.get("loading"):
        problems["loading"] = "the server is still loading its data"
    in_sync = replicas_in_sync(info, silence_max_s)
    if in_sync < replicas_wanted:
        problems["replicas"] = (
            f"{in_sync} of the {replicas_wanted} replicas that must have a write are in sync"
        )
    if info.get("aof_last_write_status", "ok") != "ok":
        problems["append-only file"] = "the server could not write its append-only file"
    used = int(info.get("used_memory", 0)) - int(info.get("mem_not_counted_for_evict", 0))
    if 0 < int(info.get("maxmemory", 0)) <= used:
        problems["memory"] = f"the server is full: {used} of {info['maxmemory']} bytes are in use"
    return Condition(
        problems=problems,
        warnings=_warnings(info),
        replicas_in_sync=in_sync,
        memory_used_bytes=used,
        memory_max_bytes=int(info.get("maxmemory", 0)),
        append_only=bool(info.get("aof_enabled")),
        writes_to_disk=all(info.get(status, "ok") == "ok" for status in DISK_STATUSES),
        told=bool(info),
    )


def replicas_in_sync(info: Mapping[str, Any], silence_max_s: int) -> int:
    """How many replicas of a master are connected, online and heard of lately."""
    replicas = (info.get(f"slave{n}") for n in range(int(info.get("connected_slaves", 0))))
    return sum(
        replica.get("state") == "online" and 0 <= int(replica.get("lag", -1)) <= silence_max_s
        for replica in replicas
        if isinstance(replica, Mapping)
    )


def _warnings(info: Mapping[str, Any]) -> tuple[str, ...]:
    if info.get("rdb_last_bgsave_status", "ok") == "ok":
        return ()
    return ("the server could not write its last snapshot",)


class RedisReadiness(Readiness):
    """Asks at most once a second, however many ask; the others are given the last answer.

    Says in the log when the answer changes. A user who may not INFO is told whether the server answers
    and, where replicas are wanted, that nobody can tell.
    """

    def __init__(
        self,
        client: "Redis",
        *,
        replicas_wanted: int = 0,
        replica_silence_max_s: int = REPLICA_SILENCE_MAX_S,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis = client
        self._replicas_wanted = replicas_wanted
        self._silence_max_s = replica_silence_max_s
        self._monotonic_s = monotonic_s
        self._one_asks = threading.Lock()
        self._condition: Condition | None = None
        self._asked_s = 0.0

    def problems(self) -> dict[str, str]:
        return dict(self.condition().problems)

    def condition(self) -> Condition:
        """What is known, never older than a second."""
        with self._one_asks:
            now_s = self._monotonic_s()
            before = self._condition
            if before is not None and now_s - self._asked_s < FRESH_S:
                return before
            found = self._ask()
            self._condition, self._asked_s = found, self._monotonic_s()
        _tell(before or Condition(), found)
        return found

    def _ask(self) -> Condition:
        try:
            wanted, silence_max_s = self._replicas_wanted, self._silence_max_s
            return condition_of(self._info(), replicas_wanted=wanted, silence_max_s=silence_max_s)
        except RedisError as error:
            return Condition(problems={STORE: f"{type(error).__name__}: {error}"}, told=False)

    def _info(self) -> Mapping[str, Any]:
        try:
            answer: Any = self._redis.info(*SECTIONS)
        except NoPermissionError:
            if self._replicas_wanted:
                raise
            self._redis.ping()
            return {}
        else:
            return dict(answer)


def _tell(before: Condition, now: Condition) -> None:
    if now.problems.keys() != before.problems.keys():
        log = structlog.get_logger()
        if now.problems:
            log.warning("not ready", problems=dict(now.problems))
        else:
            log.info("ready again")
    for warning in set(now.warnings) - set(before.warnings):
        structlog.get_logger().warning("server warning", warning=warning)
