import threading

import pytest

from adapters.inmemory.clock import FakeClock
from entrypoints import watchdog as module
from entrypoints.exit_codes import ExitCode
from entrypoints.settings import Settings, SettingsError
from entrypoints.watchdog import Watchdog, guard

PATIENCE_S = 60.0


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def watchdog(clock: FakeClock) -> Watchdog:
    return Watchdog(PATIENCE_S, clock.now_s)


def starved(watchdog: Watchdog, clock: FakeClock, seconds: int) -> list[bool]:
    """What it says every second."""
    said = []
    for _ in range(seconds):
        clock.advance(1)
        said.append(watchdog.is_starved())
    return said


def test_it_is_patient_and_then_it_is_not(watchdog: Watchdog, clock: FakeClock) -> None:
    assert starved(watchdog, clock, 62) == [False] * 60 + [True] * 2


def test_each_sign_of_life_begins_its_patience_anew(watchdog: Watchdog, clock: FakeClock) -> None:
    for _ in range(5):
        assert not any(starved(watchdog, clock, 59))
        watchdog.feed()

    assert starved(watchdog, clock, 61)[-1]


def test_a_process_that_stood_still_as_a_whole_is_not_to_blame(watchdog: Watchdog, clock: FakeClock) -> None:
    starved(watchdog, clock, 50)
    clock.advance(86_400)

    assert starved(watchdog, clock, 62) == [False] * 61 + [True]


def test_a_starved_one_ends_the_process_once(
    clock: FakeClock, watchdog: Watchdog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHECK_EVERY_S", 0.001)
    monkeypatch.setattr(module, "ASLEEP_S", 1_000.0)
    monkeypatch.setattr("faulthandler.dump_traceback", lambda _file: None)
    ended: list[int] = []
    clock.advance(PATIENCE_S + 1)

    guard(watchdog, threading.Event(), ended.append).join(10)

    assert ended == [ExitCode.BUG]


def test_a_stop_sends_it_away(watchdog: Watchdog) -> None:
    stop = threading.Event()
    thread = guard(watchdog, stop, lambda _: pytest.fail("nothing was wrong"))

    stop.set()
    thread.join(10)

    assert not thread.is_alive()


def test_it_must_be_more_patient_than_a_silent_server_needs() -> None:
    with pytest.raises(SettingsError, match=r"^WATCHDOG_S is 9: must be at least 10, .* SOCKET_TIMEOUT_MS$"):
        Settings.from_environment({"WATCHDOG_S": "9"})

    assert Settings.from_environment({"WATCHDOG_S": "10"}).watchdog_s == 10
