"""`comptoir events --follow` as a process of its own, on a real server that goes away and comes back."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator

import pytest
from redis import Redis

from entrypoints.exit_codes import ExitCode
from entrypoints.up.ports import free_port
from tests.integration.link import LOOPBACK, Link
from tests.integration.test_cli import BODY, COMPTOIR, PATIENCE_S, comptoir, environment, running


@pytest.fixture
def link(valkey_url: str) -> Iterator[Link]:
    """A way to a server with one checkout."""
    with Redis.from_url(valkey_url) as client:
        client.flushall()
        port = client.connection_pool.connection_kwargs["port"]
    with Link(port) as link:
        start(link)
        yield link


def told(link: Link) -> dict[str, str]:
    return {"REDIS_URL": f"redis://{LOOPBACK}:{link.port}"}


def start(link: Link) -> str:
    """One more checkout; its id."""
    started = comptoir("checkout", "start", "--json", told=told(link), stdin=BODY)
    assert started.returncode == 0, started.stderr
    return str(json.loads(started.stdout)["checkout_id"])


def test_it_goes_on_after_an_outage_with_nothing_lost_and_one_line_said_and_ctrl_c_ends_it(
    link: Link,
) -> None:
    with running("events", "--follow", "--after", "0-0", "--json", told=told(link)) as follower:
        assert follower.stdout is not None
        assert follower.stderr is not None
        assert json.loads(follower.stdout.readline())["type"] == "CheckoutInitiated"

        port, link.target_port = link.target_port, free_port()
        link.cut()
        assert "the server does not answer, and is waited for" in follower.stderr.readline()
        link.target_port = port
        after = [start(link) for _ in range(2)]

        assert [json.loads(follower.stdout.readline())["checkout_id"] for _ in after] == after
        follower.send_signal(signal.SIGINT)
        assert follower.wait(PATIENCE_S) == ExitCode.FINE
        assert (follower.stdout.read(), follower.stderr.read()) == ("", "")


def test_a_reader_that_has_gone_is_noticed_although_nothing_comes(link: Link) -> None:
    reading, writing = os.pipe()
    with subprocess.Popen(
        [*COMPTOIR, "events", "--follow", "--after", "0-0"],
        env=environment(**told(link)),
        stdout=writing,
        stderr=subprocess.PIPE,
    ) as follower:
        os.close(writing)
        assert b"CheckoutInitiated" in os.read(reading, 64 * 1024)
        os.close(reading)

        assert follower.wait(PATIENCE_S) == ExitCode.FINE
        assert follower.stderr is not None
        assert follower.stderr.read() == b""
