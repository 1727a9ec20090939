"""Settings that are in their range, and make no sense together."""

import pytest
from structlog.testing import capture_logs

from entrypoints.settings import Settings, SettingsError
from entrypoints.settings_doubted import HEARTBEAT_LOST_S, doubts, log_doubts
from tests.contracts.receiver import SECRET
from tests.each_row import each_row
from tests.prometheus import rules_in

SERVICES = {"INVENTORY": "http", "KONG_URL": "http://kong:8000"}
WEBHOOKS = {"NOTIFY_URL": "http://receiver.example", "NOTIFY_SECRET": SECRET}


@each_row(
    ("told", "said"),
    [
        (
            SERVICES | {"CALLS_AT_ONCE": "17"},
            "CALLS_AT_ONCE is 17: must be at most 16, which is SERVICE_CONNECTIONS_MAX",
        ),
        (
            {"CONNECT_TIMEOUT_MS": "30001"},
            "WATCHDOG_S is 60: must be at least 60.002, which is twice CONNECT_TIMEOUT_MS",
        ),
        (
            {"START_TIMEOUT_S": "60.5", "LOADING_TIMEOUT_S": "60"},
            "LOADING_TIMEOUT_S is 60: must be at least 60.5, which is START_TIMEOUT_S",
        ),
        (
            {"BODY_MAX_BYTES": "262145"},
            (
                "PAYLOAD_MAX_BYTES is 262144: must be at least 262145, "
                "which is BODY_MAX_BYTES: what is accepted must be readable"
            ),
        ),
    ],
)
def test_what_cannot_work_together_is_refused(told: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment(told)

    assert str(refused.value) == said


def test_calls_need_no_connections_where_none_are_made() -> None:
    assert Settings.from_environment({"CALLS_AT_ONCE": "17"}).calls_at_once == 17


@each_row("told", [{}, SERVICES, WEBHOOKS, {"TRACES": "on"}])
def test_nothing_is_doubted_of_the_defaults(told: dict[str, str]) -> None:
    assert list(doubts(Settings.from_environment(told))) == []


@each_row(
    ("told", "said"),
    [
        (
            {"HEARTBEAT_S": "10.5"},
            (
                "HEARTBEAT_S is 10.5, more than a third of the 30 s after which the alert HeartbeatLost "
                "fires: raise its threshold too"
            ),
        ),
        (
            {"SHUTDOWN_GRACE_S": "1"},
            (
                "BLOCK_MS is 1000, not below SHUTDOWN_GRACE_S, 1000 ms: "
                "a worker that is to stop is killed while it waits"
            ),
        ),
        (
            {"CHECKOUT_DEADLINE_S": "30"},
            (
                "CLAIM_IDLE_MS is 30000, not below CHECKOUT_DEADLINE_S, 30000 ms: "
                "a checkout fails when its worker dies"
            ),
        ),
        (
            {"WATCHDOG_S": "20"},
            (
                "RETRY_MAX_MS is 30000, not below WATCHDOG_S, 20000 ms: "
                "a worker that pauses for so long ends itself"
            ),
        ),
        (
            {"CLAIM_IDLE_MS": "4999"},
            (
                "CLAIM_IDLE_MS is 4999, less than SOCKET_TIMEOUT_MS, 5000: "
                "deliveries are claimed from a worker that waits for the server"
            ),
        ),
        (
            {"API_CONNECTIONS_MAX": "244"},
            (
                "API_CONNECTIONS_MAX is 244: WAITERS_MAX + FOLLOWERS_MAX, 164, can take all that "
                "API_THREADS and API_QUEUE_MAX leave, 164"
            ),
        ),
        (
            SERVICES | {"CLAIM_IDLE_MS": "9400", "CHECKOUT_DEADLINE_S": "7"},
            (
                "SERVICE_CALL_MAX_MS is 7000, not below CHECKOUT_DEADLINE_S, 7000 ms: "
                "a checkout may fail before its call"
            ),
        ),
        (
            WEBHOOKS | {"NOTIFY_TIMEOUT_MS": "1000"},
            (
                "NOTIFY_CONNECT_TIMEOUT_MS is 1000, not below NOTIFY_TIMEOUT_MS, 1000 ms: "
                "only the latter is ever reached"
            ),
        ),
        (
            {"TRACES": "on", "TRACES_FLUSH_MS": "10000"},
            (
                "TRACES_FLUSH_MS is 10000, not below SHUTDOWN_GRACE_S, 10000 ms: "
                "a process is killed while it sends spans"
            ),
        ),
    ],
)
def test_what_hardly_works_together_is_told_in_one_line(told: dict[str, str], said: str) -> None:
    assert said in doubts(Settings.from_environment(told))


def test_the_heartbeat_is_held_against_the_alert_as_it_is_written() -> None:
    (lost,) = (rule for rule in rules_in("alerts.yml") if rule["alert"] == "HeartbeatLost")

    assert lost["expr"].endswith(f"> {HEARTBEAT_LOST_S}")


def test_each_doubt_is_a_line_of_its_own() -> None:
    with capture_logs() as lines:
        log_doubts(Settings(heartbeat_s=60.0))

    assert [line["log_level"] for line in lines] == ["warning"]
    assert lines[0]["warning"].startswith("HEARTBEAT_S is 60, ")
