from collections.abc import Mapping
from typing import Any

import attrs
import pytest
from prometheus_client import CollectorRegistry
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import NoPermissionError, RedisError
from structlog.testing import capture_logs

from adapters.redis_streams.readiness import FRESH_S, Condition, RedisReadiness, condition_of
from adapters.telemetry.server import ServerGauges
from tests.each_row import each_row

IN_SYNC = {"state": "online", "lag": 1}
GOOD: dict[str, Any] = {
    "role": "master",
    "loading": 0,
    "connected_slaves": 1,
    "slave0": IN_SYNC,
    "aof_last_write_status": "ok",
    "rdb_last_bgsave_status": "ok",
    "maxmemory": 0,
    "used_memory": 1_000,
}


@attrs.define
class Server:
    """Answers INFO as it is told to, and counts how often."""

    answer: dict[str, Any] | RedisError = attrs.Factory(lambda: dict(GOOD))
    asked: int = 0

    def info(self, *_sections: str) -> dict[str, Any]:
        self.asked += 1
        if isinstance(self.answer, RedisError):
            raise self.answer
        return self.answer

    def ping(self) -> bool:
        return True


@attrs.define
class Watch:
    now_s: float = 0.0

    def __call__(self) -> float:
        return self.now_s


def readiness_of(server: Server, *, replicas_wanted: int = 1, watch: Watch | None = None) -> RedisReadiness:
    return RedisReadiness(server, replicas_wanted=replicas_wanted, monotonic_s=watch or Watch())  # type: ignore[arg-type]  # a server in two methods


@each_row(
    ("info", "problems"),
    [
        ({}, {}),
        (
            {"role": "slave", "master_host": "10.0.0.1", "master_port": 6379, "slave0": IN_SYNC},
            {"role": "the server is a replica of 10.0.0.1:6379 and takes no writes"},
        ),
        ({"loading": 1}, {"loading": "the server is still loading its data"}),
        (
            {"connected_slaves": 0},
            {"replicas": "0 of the 1 replicas that must have a write are in sync"},
        ),
        (
            {"slave0": {"state": "online", "lag": 6}},
            {"replicas": "0 of the 1 replicas that must have a write are in sync"},
        ),
        (
            {"slave0": {"state": "wait_bgsave", "lag": 0}},
            {"replicas": "0 of the 1 replicas that must have a write are in sync"},
        ),
        (
            {"aof_last_write_status": "err"},
            {"append-only file": "the server could not write its append-only file"},
        ),
        (
            {"maxmemory": 1_000, "used_memory": 1_000},
            {"memory": "the server is full: 1000 of 1000 bytes are in use"},
        ),
        ({"maxmemory": 1_000, "used_memory": 1_100, "mem_not_counted_for_evict": 101}, {}),
    ],
)
def test_each_way_in_which_the_promise_is_not_kept_is_named(
    info: Mapping[str, Any], problems: Mapping[str, str]
) -> None:
    condition = condition_of({**GOOD, **info}, replicas_wanted=1)

    assert condition.problems == problems
    assert condition.promise_kept is (not problems)


def test_a_snapshot_that_failed_is_a_warning_and_no_problem() -> None:
    condition = condition_of({**GOOD, "rdb_last_bgsave_status": "err"}, replicas_wanted=1)

    assert condition.promise_kept
    assert condition.warnings == ("the server could not write its last snapshot",)


def test_replicas_are_missed_only_where_they_were_asked_for() -> None:
    assert condition_of({**GOOD, "connected_slaves": 0}, replicas_wanted=0).promise_kept


def test_the_server_is_asked_once_a_second_however_many_ask() -> None:
    server, watch = Server(), Watch()
    readiness = readiness_of(server, watch=watch)

    for _ in range(100):
        assert readiness.problems() == {}
    assert server.asked == 1

    watch.now_s += FRESH_S
    readiness.problems()
    assert server.asked == 2


def test_a_server_that_is_away_is_a_problem_and_no_error() -> None:
    problems = readiness_of(Server(Disconnected("refused"))).problems()

    assert problems == {"event store": "ConnectionError: refused"}


def test_a_user_without_the_right_to_info_is_ready_unless_replicas_are_wanted() -> None:
    server = Server(NoPermissionError("no INFO"))

    assert readiness_of(server, replicas_wanted=0).problems() == {}
    assert readiness_of(server).problems() == {"event store": "NoPermissionError: no INFO"}


def test_what_changes_is_said_once_in_the_log() -> None:
    server, watch = Server(), Watch()
    readiness = readiness_of(server, watch=watch)

    with capture_logs() as lines:
        for lacks in (False, True, True, False):
            server.answer = {**GOOD, "connected_slaves": 0 if lacks else 1}
            readiness.problems()
            watch.now_s += FRESH_S

    assert [line["event"] for line in lines] == ["not ready", "ready again"]
    assert list(lines[0]["problems"]) == ["replicas"]


@pytest.mark.parametrize(
    ("condition", "kept", "replicas"),
    [
        (Condition(replicas_in_sync=2), 1, 2),
        (Condition(problems={"replicas": "1 of the 2"}, replicas_in_sync=1), 0, 1),
    ],
)
def test_the_metrics_tell_whether_the_promise_is_kept(condition: Condition, kept: int, replicas: int) -> None:
    registry = CollectorRegistry()
    registry.register(ServerGauges(lambda: condition))

    assert registry.get_sample_value("durability_promise_kept") == kept
    assert registry.get_sample_value("redis_replicas_in_sync") == replicas


def test_what_the_server_does_not_say_is_left_out_of_the_metrics() -> None:
    server, registry = Server(), CollectorRegistry()
    server.answer = Disconnected("refused")
    registry.register(ServerGauges(readiness_of(server).condition))

    assert registry.get_sample_value("durability_promise_kept") == 0
    assert registry.get_sample_value("redis_append_only") is None
    assert registry.get_sample_value("redis_memory_used_bytes") is None
