"""The servers that tests run on, and how many ran on which."""

import gc
import os
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from entrypoints.up import embedded_server
from tests.lent import the_test_has_ended

if TYPE_CHECKING:
    from fakeredis import FakeRedis

SERVER_OF_FIXTURE: Final = {"valkey_url": "valkey", "redis_url": "redis", "fakeredis": "fakeredis"}
RUNS_ON: Final = "runs_on"
OUTCOMES: Final = ("passed", "failed", "error", "skipped")

# Their asserts shall tell as much as those of a test file.
pytest.register_assert_rewrite("tests.contracts", "tests.instance", "tests.running_service")


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_is_heard() -> None:
    """By what tests start, also where the run itself is in the background of a script: a shell has it ignore
    Ctrl-C there, and whatever is started inherits that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The embedded Valkey, shared by the whole run: who uses it empties it first."""
    with embedded_server.running(tmp_path_factory.mktemp("valkey"), appendonly=False) as url:
        yield url


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A redis-server, shared by the whole run: who uses it empties it first."""
    binary = _redis_binary()
    if binary is None:
        missing = "no redis-server: install it, or name it in REDIS_SERVER"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with embedded_server.running(tmp_path_factory.mktemp("redis"), appendonly=False, binary=binary) as url:
        yield url


@pytest.fixture(name="fakeredis")
def fakeredis_of_its_own() -> "FakeRedis":
    """A fakeredis for this test alone."""
    from fakeredis import FakeRedis, FakeServer

    return FakeRedis(server=FakeServer())


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is imported and collected stays to the end: whoever looks for garbage need not go through it again
    and again."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def pytest_runtest_logfinish() -> None:
    """Take back what was lent to the test."""
    the_test_has_ended()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Note on each test which server it runs on; the note travels with its report."""
    for item in items:
        item.user_properties.append((RUNS_ON, _server_of(item)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests ran on which server."""
    counts: Counter[tuple[str, str]] = Counter()
    for outcome in OUTCOMES:
        for report in terminalreporter.stats.get(outcome, ()):
            counts[dict(getattr(report, "user_properties", ())).get(RUNS_ON, "memory"), outcome] += 1
    if not counts:
        return
    terminalreporter.section("tests by server")
    for server in ("memory", "fakeredis", "valkey", "redis"):
        if said := ", ".join(f"{counts[server, o]} {o}" for o in OUTCOMES if counts[server, o]):
            terminalreporter.write_line(f"{_title(server):<20} {said}")


def _server_of(item: pytest.Item) -> str:
    if marker := item.get_closest_marker(RUNS_ON):
        return str(marker.args[0])
    fixtures: list[str] = getattr(item, "fixturenames", [])
    return next((server for name, server in SERVER_OF_FIXTURE.items() if name in fixtures), "memory")


def _title(server: str) -> str:
    match server:
        case "valkey":
            return f"Valkey {embedded_server.version()}"
        case "redis":
            binary = _redis_binary()
            return f"Redis {embedded_server.version(binary)}" if binary else "Redis (not found)"
        case "fakeredis":
            return f"fakeredis {metadata.version('fakeredis')}"
        case _:
            return "in memory"


def _redis_binary() -> Path | None:
    found = shutil.which(os.environ.get("REDIS_SERVER") or "redis-server")
    return Path(found) if found else None
