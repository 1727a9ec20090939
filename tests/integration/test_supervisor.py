"""The supervisor as a process, with a real embedded server and dummies for the API and the workers."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from domain.checkout.saga import STEPS
from entrypoints.up.run_file import RunningInstance, running_instance
from tests.integration.dummy_service import STORY
from tests.waiting import eventually

pytestmark = pytest.mark.runs_on("valkey")

Start = Callable[..., "subprocess.Popen[str]"]
ON_LINUX = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux ends the children of a killed parent"
)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def start(data_dir: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def start(**environment: str) -> "subprocess.Popen[str]":
        service = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.dummy_service"],
            env={**os.environ, "DATA_DIR": str(data_dir), "REDIS_URL": "", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(service)
        return service

    yield start
    for service in started:
        with service:
            if service.poll() is None:
                service.kill()


def up(data_dir: Path) -> RunningInstance:
    return eventually(lambda: running_instance(data_dir), within_s=20)


def story(data_dir: Path) -> list[str]:
    return [line.rpartition(" ")[0] for line in (data_dir / STORY).read_text().splitlines()]


def pid_of(data_dir: Path, name: str) -> int:
    told = re.findall(rf"^{name} started (\d+)$", (data_dir / STORY).read_text(), re.MULTILINE)
    return int(told[-1])


def client(instance: RunningInstance) -> "redis.Redis":
    return redis.Redis.from_url(instance.redis_url)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def server_pid(instance: RunningInstance) -> int:
    with client(instance) as server:
        return int(server.info("server")["process_id"])


def stopped(service: "subprocess.Popen[str]", within_s: float = 20) -> tuple[int, str, str]:
    out, err = service.communicate(timeout=within_s)
    return service.returncode, out, err


def test_asked_to_stop_it_stops_the_api_then_the_workers_then_the_server(
    start: Start, data_dir: Path
) -> None:
    service = start()
    server = server_pid(up(data_dir))

    service.send_signal(signal.SIGTERM)

    code, out, err = stopped(service)
    assert (code, err) == (0, "")
    end = story(data_dir)[3:]
    assert end[0] == "api stopped"
    assert sorted(end[1:]) == ["audit stopped", "deadline stopped"]
    assert not is_alive(server)
    assert running_instance(data_dir) is None
    assert "Ctrl-C stops everything" in out


def test_the_screen_names_the_url_what_runs_and_three_commands(start: Start, data_dir: Path) -> None:
    service = start()
    instance = up(data_dir)
    service.send_signal(signal.SIGINT)

    _, out, _ = stopped(service)

    assert f"Comptoir is at {instance.url}; its API: {instance.url}/docs" in out
    for name in ("valkey", "api", "audit", "deadline"):
        assert re.search(rf"^{name} +\d+ +\S+", out, re.MULTILINE), name
    assert len(re.findall(r"^  (?:curl|DATA_DIR=)", out, re.MULTILINE)) == 3


def test_yesterdays_data_is_there_after_a_restart(start: Start, data_dir: Path) -> None:
    service = start()
    with client(up(data_dir)) as server:
        server.xadd("yesterday", {"sold": "1"})
    service.send_signal(signal.SIGTERM)
    stopped(service)

    start()

    with client(up(data_dir)) as server:
        assert server.xlen("yesterday") == 1


def test_a_worker_that_dies_is_started_again(start: Start, data_dir: Path) -> None:
    service = start()
    up(data_dir)
    first = pid_of(data_dir, "audit")

    os.kill(first, signal.SIGKILL)

    eventually(lambda: pid_of(data_dir, "audit") != first)
    service.send_signal(signal.SIGTERM)
    _, out, _ = stopped(service)
    assert "audit stopped (SIGKILL); starts again in 0.05 s" in out
    assert "audit started again" in out


def test_a_server_that_dies_is_started_again_where_it_was_with_its_data(start: Start, data_dir: Path) -> None:
    start(APPENDFSYNC="always")
    instance = up(data_dir)
    first = server_pid(instance)
    with client(instance) as server:
        server.set("kept", "yes")

    os.kill(first, signal.SIGKILL)

    def kept() -> bool:
        try:
            with client(instance) as server:
                return server.get("kept") == b"yes" and server_pid(instance) != first
        except redis.RedisError:
            return False

    assert eventually(kept)


@ON_LINUX
def test_a_supervisor_that_is_killed_leaves_nothing_behind(start: Start, data_dir: Path) -> None:
    service = start()
    instance = up(data_dir)
    pids = [server_pid(instance), *(pid_of(data_dir, name) for name in ("api", "audit", "deadline"))]

    service.kill()

    eventually(lambda: not any(is_alive(pid) for pid in pids))
    service.wait()
    assert running_instance(data_dir) is None


@ON_LINUX
def test_after_a_killed_supervisor_the_next_one_starts_at_once(start: Start, data_dir: Path) -> None:
    service = start()
    before = up(data_dir)
    service.kill()
    service.wait()

    start()

    assert eventually(lambda: running_instance(data_dir), within_s=20).pid != before.pid


def test_a_child_that_will_not_stop_is_killed_when_the_grace_is_over(start: Start, data_dir: Path) -> None:
    service = start(DUMMY_STUBBORN="audit", SHUTDOWN_GRACE_S="0.1")
    up(data_dir)
    stubborn = pid_of(data_dir, "audit")

    service.send_signal(signal.SIGTERM)

    code, out, _ = stopped(service)
    assert code == 0
    assert "audit did not stop in time and is killed" in out
    assert "deadline stopped" in story(data_dir)
    assert not is_alive(stubborn)


def test_a_second_request_to_stop_ends_the_waiting(start: Start, data_dir: Path) -> None:
    service = start(DUMMY_STUBBORN="audit", SHUTDOWN_GRACE_S="600")
    up(data_dir)
    service.send_signal(signal.SIGTERM)
    eventually(lambda: "audit shrugged" in story(data_dir))

    stubborn = pid_of(data_dir, "audit")

    def ended_by_asking_again() -> bool:
        if is_alive(stubborn):
            service.send_signal(signal.SIGTERM)
        return not is_alive(stubborn)

    assert eventually(ended_by_asking_again)
    assert stopped(service)[0] == 0


def test_a_child_that_cannot_run_refuses_the_start_and_leaves_nothing(start: Start, data_dir: Path) -> None:
    service = start(DUMMY_BROKEN="deadline")

    code, _, err = stopped(service)

    assert code == 2
    log = data_dir / "logs" / "deadline.log"
    assert err == f"comptoir: deadline ends as soon as it is started; its log is {log}\n"
    assert not is_alive(pid_of(data_dir, "api"))


def test_a_log_that_cannot_be_written_refuses_the_start(start: Start, data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "logs").touch()

    code, _, err = stopped(start())

    assert code == 2
    assert err == f"comptoir: valkey cannot be started: File exists ({data_dir}/logs)\n"


def test_a_stop_during_the_start_is_a_clean_stop(start: Start, data_dir: Path) -> None:
    service = start()
    eventually((data_dir / "logs" / "valkey.log").exists)

    service.send_signal(signal.SIGINT)

    assert stopped(service)[0] == 0


def test_a_second_instance_on_the_same_data_is_refused(start: Start, data_dir: Path) -> None:
    first = start()
    up(data_dir)

    code, out, err = stopped(start())

    assert (code, out) == (2, "")
    assert err == f"comptoir: DATA_DIR {data_dir} is in use by another instance, pid {first.pid}\n"


def test_two_instances_run_side_by_side(start: Start, data_dir: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    start()
    start(DATA_DIR=str(other))

    one, two = up(data_dir), up(other)

    assert one.url != two.url
    assert one.redis_url != two.redis_url
    assert one.metrics_ports.keys() == two.metrics_ports.keys() == STEPS.keys()


def test_a_port_that_was_asked_for_and_is_taken_refuses_the_start(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        code, out, err = stopped(start(PORT=str(port)))

    assert (code, out) == (2, "")
    assert err == f"comptoir: PORT: port {port} on 127.0.0.1 cannot be used: Address already in use\n"


def test_a_directory_that_cannot_be_written_refuses_the_start(start: Start, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    code, out, err = stopped(start(DATA_DIR=str(tmp_path / "file" / "data")))

    assert (code, out) == (2, "")
    assert err == f"comptoir: DATA_DIR {tmp_path}/file/data cannot be written: Not a directory\n"


def test_a_server_that_cannot_be_reached_refuses_the_start_without_its_password(start: Start) -> None:
    code, out, err = stopped(start(REDIS_URL="redis://shop:hunter2@127.0.0.1:1/0"))

    assert (code, out) == (2, "")
    assert err == "comptoir: REDIS_URL redis://***@127.0.0.1:1/0 cannot be used: it cannot be reached\n"


def test_another_server_is_used_in_place_of_the_embedded_one(
    start: Start, data_dir: Path, valkey_url: str
) -> None:
    service = start(REDIS_URL=valkey_url)

    assert up(data_dir).redis_url == ""
    service.send_signal(signal.SIGTERM)
    code, out, _ = stopped(service)
    assert code == 0
    assert f"at {valkey_url}" in out
    assert not (data_dir / "valkey").exists()
    with redis.Redis.from_url(valkey_url) as server:
        assert server.ping()


def test_what_it_keeps_is_for_its_owner_only(start: Start, data_dir: Path) -> None:
    start()
    up(data_dir)

    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (data_dir, *data_dir.rglob("*"))}

    assert modes[data_dir] == 0o700
    assert not [path for path, mode in modes.items() if mode & 0o077]
