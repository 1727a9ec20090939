import os
import signal
import stat
from pathlib import Path

import pytest
import redis

from entrypoints.server_check import check_server
from entrypoints.settings import Settings
from entrypoints.start_refused import StartRefused
from entrypoints.up import data_directory, embedded_server
from entrypoints.up.child import Child
from entrypoints.up.embedded_server import EmbeddedServer, running
from entrypoints.up.log_file import LogFile
from entrypoints.up.ports import free_port
from tests.waiting import eventually

pytestmark = pytest.mark.runs_on("valkey")


def test_it_answers_on_loopback_only_and_never_evicts(tmp_path: Path) -> None:
    with running(tmp_path) as url, redis.Redis.from_url(url, decode_responses=True) as client:
        for option, value in {
            "bind": "127.0.0.1",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "save": "",
            "stream-node-max-bytes": "16384",
        }.items():
            assert client.config_get(option) == {option: value}


def test_what_was_written_is_there_after_an_orderly_stop(tmp_path: Path) -> None:
    with running(tmp_path) as url, redis.Redis.from_url(url) as client:
        client.xadd("log", {"n": "1"})

    with running(tmp_path) as url, redis.Redis.from_url(url) as client:
        assert client.xlen("log") == 1


def test_it_is_gone_when_its_block_is_left(tmp_path: Path) -> None:
    with running(tmp_path) as url, redis.Redis.from_url(url) as client:
        pid = int(client.info("server")["process_id"])

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_its_files_are_for_its_owner_only(tmp_path: Path) -> None:
    directory = tmp_path / "valkey"
    with running(directory) as url, redis.Redis.from_url(url) as client:
        client.set("a", "b")
        files = list(directory.rglob("*"))
        assert any(path.name.endswith(".aof") for path in files)
        assert not [path for path in (directory, *files) if stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_nothing_answers_where_no_server_runs(tmp_path: Path) -> None:
    assert EmbeddedServer(directory=tmp_path, port=free_port()).readiness() == "away"


def test_a_server_that_cannot_start_is_reported_with_its_log(tmp_path: Path) -> None:
    broken = tmp_path / "not-a-server"
    broken.write_text("#!/bin/sh\necho no such luck\nexit 1\n")
    broken.chmod(0o700)

    refusal = r"does not start; its log is .*valkey.log"
    with pytest.raises(StartRefused, match=refusal), running(tmp_path, binary=broken):
        pytest.fail("it started")

    assert "no such luck" in (tmp_path / "valkey.log").read_text()


def test_a_directory_stays_held_while_the_server_in_it_lives(tmp_path: Path) -> None:
    log = LogFile(path=tmp_path / "valkey.log", size_max_bytes=1_000_000)
    with data_directory.held(tmp_path) as lock:
        server = EmbeddedServer(directory=tmp_path / "valkey", port=free_port())
        child = Child(server.program(lock), log)
        child.start()
        eventually(lambda: server.readiness() == "ready")

    with pytest.raises(StartRefused, match="in use by another instance"), data_directory.held(tmp_path, 0.0):
        pytest.fail("two instances on one directory")

    child.ask_to_stop()
    eventually(child.ended)
    with data_directory.held(tmp_path, 0.0):
        pass


def test_the_server_named_in_redis_url_is_recognised(valkey_url: str) -> None:
    found = check_server(Settings(redis_url=valkey_url))

    assert (found.product, found.version) == ("Valkey", embedded_server.version())
    assert found.warnings == (
        "Valkey keeps nothing on disk (no append-only file, no snapshots): a restart of it loses all",
    )


@pytest.mark.runs_on("redis")
def test_a_redis_server_is_recognised_too(redis_url: str) -> None:
    assert check_server(Settings(redis_url=redis_url)).product == "Redis"


def test_a_refused_password_is_not_repeated(tmp_path: Path) -> None:
    with running(tmp_path) as url:
        with redis.Redis.from_url(url) as client:
            client.config_set("requirepass", "right")
        wrong = url.replace("redis://", "redis://:hunter2@")

        with pytest.raises(StartRefused, match="refuses the user and password") as refusal:
            check_server(Settings(redis_url=wrong))

    assert "hunter2" not in str(refusal.value)


def test_a_child_that_is_killed_is_named_by_its_signal(tmp_path: Path) -> None:
    server = EmbeddedServer(directory=tmp_path, port=free_port())
    child = Child(server.program(), LogFile(path=tmp_path / "valkey.log", size_max_bytes=1_000_000))
    child.start()
    assert child.pid is not None

    os.kill(child.pid, signal.SIGKILL)

    assert eventually(child.ended) == "SIGKILL"
