import pytest

from entrypoints.server_check import judge
from entrypoints.start_refused import StartRefused

DURABLE = {"aof_enabled": 1, "maxmemory_policy": "noeviction"}


@pytest.mark.parametrize(
    ("info", "product", "version"),
    [
        ({"redis_version": "7.0.15"}, "Redis", "7.0.15"),
        ({"redis_version": "8.2.0"}, "Redis", "8.2.0"),
        ({"redis_version": "7.2.4", "valkey_version": "8.0.1"}, "Valkey", "8.0.1"),
    ],
)
def test_a_server_that_is_new_enough_is_taken(info: dict[str, object], product: str, version: str) -> None:
    found = judge(info | DURABLE, "redis://somewhere")

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
        judge(info | DURABLE, "redis://***@somewhere")

    assert str(refusal.value) == (
        f"REDIS_URL redis://***@somewhere is {seen}: Redis 7.0 or Valkey 8.0 or newer is needed"
    )


def test_a_server_that_can_lose_checkouts_is_taken_with_a_warning_for_each_way() -> None:
    found = judge(
        {"redis_version": "7.4.0", "aof_enabled": 0, "maxmemory_policy": "allkeys-lru"}, "redis://somewhere"
    )

    assert found.warnings == (
        "Redis writes no append-only file: a restart of it can lose checkouts",
        "Redis may throw keys away (maxmemory-policy allkeys-lru): set it to noeviction",
    )
