"""The commands as people and scripts run them: processes of their own, on a real server."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from redis import Redis

from entrypoints.exit_codes import ExitCode
from entrypoints.up.ports import free_port
from entrypoints.up.run_file import RunningInstance, write_run_file

COMPTOIR = (sys.executable, "-m", "entrypoints.cli")
LINE = {"produit_id": "pencil", "quantite": 3, "prix_unitaire": 1.1}
BODY = json.dumps({"client_id": "ada", "panier": {"produits": [LINE]}})
PATIENCE_S = 30


@pytest.fixture
def server(valkey_url: str) -> Iterator[str]:
    with Redis.from_url(valkey_url) as client:
        client.flushall()
        yield valkey_url


def environment(**variables: str) -> dict[str, str]:
    """The environment of a command: none of ours but what the test sets."""
    return {"PATH": os.environ["PATH"], "COLUMNS": "80", **variables}


def comptoir(*tokens: str, told: Mapping[str, str], stdin: str = "") -> "subprocess.CompletedProcess[str]":
    """Run one command to its end."""
    return subprocess.run(
        [*COMPTOIR, *tokens],
        env=environment(**told),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


@contextmanager
def running(*tokens: str, told: Mapping[str, str]) -> "Iterator[subprocess.Popen[str]]":
    """A command that runs beside the test."""
    command = subprocess.Popen(
        [*COMPTOIR, *tokens],
        env=environment(**told),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with command:
        try:
            yield command
        finally:
            command.kill()


@pytest.mark.slow
def test_a_checkout_goes_its_way_from_command_to_command(server: str) -> None:
    told = {"REDIS_URL": server, "BLOCK_MS": "100"}
    with ExitStack() as workers:
        crew = [
            workers.enter_context(running("worker", name, told=told | {"METRICS_PORT": str(free_port())}))
            for name in ("stock-reservation", "order-creation", "cqrs-projection")
        ]
        assert comptoir("stock", "receive", "pencil", "100", told=told).returncode == 0
        started = json.loads(comptoir("checkout", "start", "--json", told=told, stdin=BODY).stdout)
        checkout_id = started["checkout_id"]

        followed = comptoir("checkout", "show", checkout_id, "--follow", "--timeout-s", "20", told=told)

        assert (followed.returncode, followed.stderr) == (ExitCode.FINE, "")
        assert "✓ succeeded after" in followed.stdout
        stock = json.loads(comptoir("stock", "show", "pencil", "--json", told=told).stdout)
        assert (stock["quantite_disponible"], stock["quantite_reservee"]) == (97, 3)
        replay = json.loads(comptoir("replay", checkout_id, "--json", told=told).stdout)
        assert [event["type"] for event in replay["events"]][-1] == "CheckoutSucceeded"
        for worker in crew:
            worker.send_signal(signal.SIGTERM)
        assert [worker.wait(PATIENCE_S) for worker in crew] == [0, 0, 0]


def test_the_running_instance_is_found_through_its_data_directory(server: str, tmp_path: Path) -> None:
    write_run_file(tmp_path, RunningInstance(pid=os.getpid(), url="http://x", redis_url=server))

    received = comptoir("stock", "receive", "pencil", "5", told={"DATA_DIR": str(tmp_path)})

    assert (received.returncode, received.stdout) == (0, "✓ received 5 units of pencil\n")


def test_where_nothing_runs_a_command_says_so_with_code_3(tmp_path: Path) -> None:
    ended = comptoir("stock", "show", told={"DATA_DIR": str(tmp_path)})

    assert ended.returncode == ExitCode.AWAY
    assert ended.stderr == f"comptoir: nothing runs on DATA_DIR {tmp_path}; start it with: comptoir up\n"


def test_a_server_that_is_away_is_one_line_with_code_3() -> None:
    ended = comptoir("stock", "show", told={"REDIS_URL": f"redis://:secret@127.0.0.1:{free_port()}"})

    assert ended.returncode == ExitCode.AWAY
    assert ended.stderr.startswith("comptoir: the server does not answer: ")
    assert ended.stderr.count("\n") == 1
    assert "secret" not in ended.stderr


def test_ctrl_c_while_following_is_quiet(server: str) -> None:
    told = {"REDIS_URL": server}
    checkout_id = json.loads(comptoir("checkout", "start", "--json", told=told, stdin=BODY).stdout)[
        "checkout_id"
    ]
    with running("checkout", "show", checkout_id, "--follow", told=told) as follower:
        assert follower.stdout is not None
        assert follower.stderr is not None
        assert checkout_id in follower.stdout.readline()

        follower.send_signal(signal.SIGINT)

        assert follower.wait(PATIENCE_S) == ExitCode.INTERRUPTED
        assert follower.stderr.read() == ""


def test_a_reader_that_has_gone_ends_a_command_quietly() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [*COMPTOIR, "workers", "--json"],
            env=environment(),
            stdout=writing,
            stderr=subprocess.PIPE,
            timeout=PATIENCE_S,
            check=False,
        )
    finally:
        os.close(writing)

    assert (ended.returncode, ended.stderr) == (ExitCode.CUT_OFF, b"")


def test_the_list_of_workers_loads_neither_the_driver_nor_the_web_framework() -> None:
    program = (
        "import sys; from entrypoints.cli import run; run(['workers', '--json']);"
        "print(sorted({'redis', 'flask', 'dependency_injector'} & set(sys.modules)), file=sys.stderr)"
    )

    ended = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, check=True
    )

    assert ended.stderr == "[]\n"
