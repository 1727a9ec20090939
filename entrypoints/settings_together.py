"""What settings must be to one another: each may be in its range, and both together make no sense."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from adapters.redis_streams.tls import SPOKEN_OVER_TLS
from entrypoints.setting_kinds.addresses import has_password

if TYPE_CHECKING:
    from entrypoints.settings import Settings

SOCKET_MARGIN_MS: Final = 500
"""How much longer than its longest blocking read a socket must be patient."""

_TLS_FILES: Final = ("REDIS_CA_FILE", "REDIS_CERT_FILE", "REDIS_KEY_FILE")


def contradictions(settings: "Settings") -> Iterator[str]:
    """What cannot work: a line for each, which names the settings."""
    yield from _of_patience(settings)
    yield from _of_redis_files(settings)
    yield from _of_amounts(settings)
    if settings.wait_replicas:
        yield from _of_waiting(settings)
    if "http" in {settings.inventory, settings.orders}:
        yield from _of_services(settings)
    if settings.notify_url:
        yield from _of_notifying(settings)


def _of_patience(settings: "Settings") -> Iterator[str]:
    least_ms = settings.block_ms + SOCKET_MARGIN_MS
    if settings.socket_timeout_ms < least_ms:
        which = f"BLOCK_MS + {SOCKET_MARGIN_MS}"
        yield _at_least("SOCKET_TIMEOUT_MS", settings.socket_timeout_ms, least_ms, which)
    for variable in ("SOCKET_TIMEOUT_MS", "CONNECT_TIMEOUT_MS"):
        least_s = 2 * getattr(settings, variable.lower()) / 1000
        if settings.watchdog_s < least_s:
            yield _at_least("WATCHDOG_S", settings.watchdog_s, least_s, f"twice {variable}")
    if settings.retry_max_ms < settings.retry_base_ms:
        yield _at_least("RETRY_MAX_MS", settings.retry_max_ms, settings.retry_base_ms, "RETRY_BASE_MS")
    if settings.loading_timeout_s < settings.start_timeout_s:
        yield _at_least(
            "LOADING_TIMEOUT_S", settings.loading_timeout_s, settings.start_timeout_s, "START_TIMEOUT_S"
        )


def _of_amounts(settings: "Settings") -> Iterator[str]:
    if settings.api_connections_max <= settings.api_threads + settings.api_queue_max:
        yield (
            f"API_CONNECTIONS_MAX is {settings.api_connections_max}: must be more than "
            f"{settings.api_threads + settings.api_queue_max}, which is API_THREADS + API_QUEUE_MAX"
        )
    if settings.payload_max_bytes < settings.body_max_bytes:
        which = "BODY_MAX_BYTES: what is accepted must be readable"
        yield _at_least("PAYLOAD_MAX_BYTES", settings.payload_max_bytes, settings.body_max_bytes, which)


def _of_redis_files(settings: "Settings") -> Iterator[str]:
    if settings.redis_password_file and (not settings.redis_url or has_password(settings.redis_url)):
        yield "REDIS_PASSWORD_FILE is set: REDIS_URL must be set, and have no password"
    files = [name for name in _TLS_FILES if getattr(settings, name.lower())]
    if files and not settings.redis_url.startswith(SPOKEN_OVER_TLS):
        yield f"{files[0]} is set: REDIS_URL must begin with rediss then"
    for variable, other in (("REDIS_CERT_FILE", "REDIS_KEY_FILE"), ("REDIS_KEY_FILE", "REDIS_CERT_FILE")):
        if variable in files and other not in files:
            yield f"{variable} is set: {other} must be set too"


def _of_notifying(settings: "Settings") -> Iterator[str]:
    if bool(settings.notify_secret) == bool(settings.notify_secret_file):
        yield "NOTIFY_URL is set: one of NOTIFY_SECRET and NOTIFY_SECRET_FILE must be set too, and not both"
    for variable, patience_ms in (
        ("CLAIM_IDLE_MS", settings.claim_idle_ms),
        ("WATCHDOG_S", settings.watchdog_s * 1000),
    ):
        if 2 * settings.notify_timeout_ms > patience_ms:
            most_ms = int(patience_ms / 2)
            yield _at_most("NOTIFY_TIMEOUT_MS", settings.notify_timeout_ms, most_ms, f"half of {variable}")


def _of_waiting(settings: "Settings") -> Iterator[str]:
    if not settings.redis_url:
        yield (
            f"WAIT_REPLICAS is {settings.wait_replicas}: "
            "must be 0 with the embedded server, which has no replicas; name another in REDIS_URL"
        )
    least_ms = settings.wait_timeout_ms + SOCKET_MARGIN_MS
    for variable in ("API_TIMEOUT_MS", "SOCKET_TIMEOUT_MS"):
        patience_ms = getattr(settings, variable.lower())
        if patience_ms < least_ms:
            which = f"WAIT_TIMEOUT_MS + {SOCKET_MARGIN_MS}, or WAIT_REPLICAS be 0"
            yield _at_least(variable, patience_ms, least_ms, which)


def _of_services(settings: "Settings") -> Iterator[str]:
    which = "INVENTORY" if settings.inventory == "http" else "ORDERS"
    if not settings.kong_url:
        yield f"KONG_URL is empty: must say where the services are, or {which} be own"
    if settings.orders == "http" and not settings.magasin_id:
        yield "MAGASIN_ID is empty: must name a store, or ORDERS be own"
    if settings.api_key and settings.api_key_file:
        yield "API_KEY and API_KEY_FILE are both set: must be one of them"
    if settings.calls_at_once > settings.service_connections_max:
        most = settings.service_connections_max
        yield _at_most("CALLS_AT_ONCE", settings.calls_at_once, most, "SERVICE_CONNECTIONS_MAX")
    yield from _of_calls(settings)
    if settings.service_retry_max_ms < settings.service_retry_base_ms:
        least_ms = settings.service_retry_base_ms
        yield _at_least(
            "SERVICE_RETRY_MAX_MS", settings.service_retry_max_ms, least_ms, "SERVICE_RETRY_BASE_MS"
        )


def _of_calls(settings: "Settings") -> Iterator[str]:
    call_ms = settings.service_call_max_ms
    least_ms = settings.service_connect_timeout_ms + settings.service_read_timeout_ms
    if call_ms < least_ms:
        which = "SERVICE_CONNECT_TIMEOUT_MS + SERVICE_READ_TIMEOUT_MS"
        yield _at_least("SERVICE_CALL_MAX_MS", call_ms, least_ms, which)
    for variable, patience_ms in (
        ("SHUTDOWN_GRACE_S", settings.shutdown_grace_s * 1000),
        ("CLAIM_IDLE_MS", settings.claim_idle_ms),
        ("WATCHDOG_S", settings.watchdog_s * 1000),
    ):  # a batch begins no call after the first quarter
        if call_ms > 0.75 * patience_ms:
            most_ms = int(0.75 * patience_ms)
            yield _at_most("SERVICE_CALL_MAX_MS", call_ms, most_ms, f"three quarters of {variable}")


def _at_least(variable: str, value: float, least: float, which: str) -> str:
    return f"{variable} is {shown(value)}: must be at least {shown(least)}, which is {which}"


def _at_most(variable: str, value: float, most: float, which: str) -> str:
    return f"{variable} is {shown(value)}: must be at most {shown(most)}, which is {which}"


def shown(value: float) -> str:
    """A number as it is written in the environment."""
    return f"{value:.15g}"
