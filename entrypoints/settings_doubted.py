"""Settings that work together, and hardly as they were meant: told at the start, refused by nobody."""

from collections.abc import Iterator
from typing import Final

import structlog

from entrypoints.settings import Settings
from entrypoints.settings_together import shown

HEARTBEAT_LOST_S: Final = 30
"""Silence after which the alert HeartbeatLost fires, in deploy/prometheus/rules/alerts.yml."""


def doubts(settings: Settings) -> Iterator[str]:
    """A line for each, which names the settings and says what comes of them."""
    for variable, limit_ms, other, consequence in _to_be_shorter(settings):
        value = getattr(settings, variable.lower())
        if value >= limit_ms:
            yield f"{variable} is {value}, not below {other}, {shown(limit_ms)} ms: {consequence}"
    if settings.heartbeat_s > HEARTBEAT_LOST_S / 3:
        yield (
            f"HEARTBEAT_S is {shown(settings.heartbeat_s)}, more than a third of the {HEARTBEAT_LOST_S} s "
            "after which the alert HeartbeatLost fires: raise its threshold too"
        )
    if settings.claim_idle_ms < settings.socket_timeout_ms:
        yield (
            f"CLAIM_IDLE_MS is {settings.claim_idle_ms}, less than SOCKET_TIMEOUT_MS, "
            f"{settings.socket_timeout_ms}: deliveries are claimed from a worker that waits for the server"
        )
    beside = settings.api_connections_max - settings.api_threads - settings.api_queue_max
    if settings.waiters_max + settings.followers_max >= beside:
        yield (
            f"API_CONNECTIONS_MAX is {settings.api_connections_max}: WAITERS_MAX + FOLLOWERS_MAX, "
            f"{settings.waiters_max + settings.followers_max}, can take all that API_THREADS and "
            f"API_QUEUE_MAX leave, {beside}"
        )


def log_doubts(settings: Settings) -> None:
    """Write a log line for each."""
    for doubt in doubts(settings):
        structlog.get_logger().warning("settings doubted", warning=doubt)


def _to_be_shorter(settings: Settings) -> Iterator[tuple[str, float, str, str]]:
    """A time in ms, the longer one around it in ms, its name, and what happens where it is no longer."""
    deadline_ms, grace_ms = settings.checkout_deadline_s * 1000, settings.shutdown_grace_s * 1000
    yield "BLOCK_MS", grace_ms, "SHUTDOWN_GRACE_S", "a worker that is to stop is killed while it waits"
    yield "CLAIM_IDLE_MS", deadline_ms, "CHECKOUT_DEADLINE_S", "a checkout fails when its worker dies"
    watchdog_ms = settings.watchdog_s * 1000
    yield "RETRY_MAX_MS", watchdog_ms, "WATCHDOG_S", "a worker that pauses for so long ends itself"
    if "http" in {settings.inventory, settings.orders}:
        yield "SERVICE_CALL_MAX_MS", deadline_ms, "CHECKOUT_DEADLINE_S", "a checkout may fail before its call"
    if settings.notify_url:
        notify_ms = settings.notify_timeout_ms
        yield "NOTIFY_CONNECT_TIMEOUT_MS", notify_ms, "NOTIFY_TIMEOUT_MS", "only the latter is ever reached"
    if settings.traces == "on":
        yield "TRACES_FLUSH_MS", grace_ms, "SHUTDOWN_GRACE_S", "a process is killed while it sends spans"
