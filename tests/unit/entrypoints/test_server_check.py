import pytest

from entrypoints.server_check import Answers, judge
from entrypoints.start_refused import StartRefused
from tests.each_row import each_row

WRITES_ALL = {"aof_enabled": 1, "maxmemory_policy": "noeviction"}
DURABLE: dict[str, object] = {"redis_version": "7.4.0", **WRITES_ALL}


@pytest.mark.parametrize(
    ("info", "product", "version"),
    [
        ({"redis_version": "7.0.15"}, "Redis", "7.0.15"),
        ({"redis_version": "8.2.0"}, "Redis", "8.2.0"),
        ({"redis_version": "7.2.4", "valkey_version": "8.0.1"}, "Valkey", "8.0.1"),
    ],
)
def test_a_server_that_is_new_enough_is_taken(info: dict[str, object], product: str, version: str) -> None:
    found = judge(Answers(info=WRITES_ALL | info), "redis://somewhere")

    assert (found.product, found.version, found.warnings) == (product, version, ())


@pytest.mark.parametrize(
    ("info", "seen"),
    [
        ({"redis_version": "6.2.14"}, "Redis 6.2.14"),
        ({"redis_version": "7.2.4", "valkey_version": "7.2.5"}, "Valkey 7.2.5"),
        ({}, "Redis 0"),
    ],
)
def test_a_server_that_is_too_old_is_refused_in_one_line(info: dict[str, object], seen: str) -> None:
    with pytest.raises(StartRefused) as refusal:
        judge(Answers(info=WRITES_ALL | info), "redis://***@somewhere")

    assert str(refusal.value) == (
        f"REDIS_URL redis://***@somewhere is {seen}: Redis 7.0 or Valkey 8.0 or newer is needed"
    )


def test_a_server_that_can_lose_checkouts_is_taken_with_a_warning_for_each_way() -> None:
    found = judge(
        Answers(info={"redis_version": "7.4.0", "aof_enabled": 0, "maxmemory_policy": "allkeys-lru"}),
        "redis://somewhere",
    )

    assert found.warnings == (
        "Redis writes no append-only file: a restart of it can lose checkouts",
        "Redis may throw keys away (maxmemory-policy allkeys-lru): set it to noeviction",
    )


@each_row(
    ("answers", "warning"),
    [
        (
            Answers(info=DURABLE | {"aof_enabled": 0}, config={"save": ""}),
            "Redis keeps nothing on disk (no append-only file, no snapshots): a restart of it loses all",
        ),
        (
            Answers(info=DURABLE | {"aof_enabled": 0}, config={"save": "3600 1"}),
            "Redis writes no append-only file: a restart of it can lose checkouts",
        ),
        (
            Answers(info=DURABLE, config={"appendfsync": "no"}),
            (
                "Redis leaves it to the system when its append-only file reaches the disk (appendfsync no): "
                "set it to everysec or always"
            ),
        ),
        (
            Answers(info=DURABLE | {"aof_last_write_status": "err"}),
            "Redis could not write its append-only file",
        ),
        (
            Answers(info=DURABLE | {"rdb_last_bgsave_status": "err"}),
            "Redis could not write its last snapshot",
        ),
        (
            Answers(info=DURABLE | {"role": "slave"}),
            "Redis is a replica and takes no writes",
        ),
        (
            Answers(info=DURABLE, config={"min-replicas-to-write": "0"}),
            (
                "Redis takes writes without any replica (min-replicas-to-write 0) while WAIT_REPLICAS is 1: "
                "a master cut off from its replicas goes on until it is replaced"
            ),
        ),
        (
            Answers(info=DURABLE, ahead_ms=1_501),
            "the clock of Redis is 1.5 s ahead of this machine's",
        ),
        (
            Answers(info=DURABLE, ahead_ms=-1_501),
            "the clock of Redis is 1.5 s behind this machine's",
        ),
    ],
)
def test_what_can_lose_checkouts_or_deceive_is_named(answers: Answers, warning: str) -> None:
    found = judge(answers, "redis://somewhere", wait_replicas=1, clock_skew_max_ms=1_500)

    assert found.warnings == (warning,)


def test_a_server_that_tells_nothing_of_its_configuration_is_not_suspected() -> None:
    answers = Answers(info=DURABLE, ahead_ms=999)

    assert judge(answers, "redis://somewhere", wait_replicas=1).warnings == ()
