"""Whether the server named by REDIS_URL will do."""

import contextlib
import ssl
import time
from typing import Any, Final

import attrs
import redis
import structlog
from redis.sentinel import MasterNotFoundError

from adapters.redis_streams.connection import connect
from adapters.redis_streams.password_file import PasswordUnreadable
from entrypoints.settings import Settings
from entrypoints.start_refused import StartRefused

VERSION_MIN: Final = {"Redis": (7, 0), "Valkey": (8, 0)}
_CONFIG: Final = ("save", "appendfsync", "min-replicas-to-write")


@attrs.frozen(kw_only=True)
class ServerFound:
    """Which server answers, and what about it an operator should know."""

    product: str
    version: str
    warnings: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Answers:
    """What a server says of itself. `config` lacks what it does not tell; `ahead_ms` is its clock's lead."""

    info: dict[str, Any]
    config: dict[str, str] = attrs.Factory(dict)
    ahead_ms: float = 0.0


def check_server(settings: Settings) -> ServerFound:
    """Ask the server of REDIS_URL what it is.

    Raises:
        StartRefused: it does not answer, refuses us, or is too old.
    """
    return judge(
        _answers(settings),
        settings.redis_url_redacted,
        wait_replicas=settings.wait_replicas,
        clock_skew_max_ms=settings.clock_skew_max_ms,
    )


def log_server_warnings(settings: Settings) -> None:
    """Write one log line for each thing an operator should know. Refuses nothing: a server that does not
    answer now may do so later."""
    log = structlog.get_logger()
    try:
        warnings = check_server(settings).warnings
    except StartRefused as refusal:
        warnings = (str(refusal),)
    for warning in warnings:
        log.warning("server warning", warning=warning)


def judge(
    answers: Answers, shown_url: str, *, wait_replicas: int = 0, clock_skew_max_ms: int = 1_000
) -> ServerFound:
    """What to make of a server's answers. Raises StartRefused for one that is too old."""
    info = answers.info
    product = "Valkey" if "valkey_version" in info else "Redis"
    version = str(info.get("valkey_version") or info.get("redis_version") or "0")
    least = VERSION_MIN[product]
    if _numbers(version) < least:
        wanted = " or ".join(f"{name} {major}.{minor}" for name, (major, minor) in VERSION_MIN.items())
        raise StartRefused(f"REDIS_URL {shown_url} is {product} {version}: {wanted} or newer is needed")
    warnings = [
        *_about_disk(product, answers),
        *_about_memory(product, info),
        *_about_replicas(product, answers, wait_replicas),
        *_about_time(product, answers.ahead_ms, clock_skew_max_ms),
    ]
    return ServerFound(product=product, version=version, warnings=tuple(warnings))


def _about_disk(product: str, answers: Answers) -> list[str]:
    warnings = []
    if answers.info.get("aof_enabled"):
        if answers.config.get("appendfsync") == "no":
            warnings.append(
                f"{product} leaves it to the system when its append-only file reaches the disk "
                "(appendfsync no): set it to everysec or always"
            )
    elif answers.config.get("save") == "":
        warnings.append(
            f"{product} keeps nothing on disk (no append-only file, no snapshots): a restart of it loses all"
        )
    else:
        warnings.append(f"{product} writes no append-only file: a restart of it can lose checkouts")
    if answers.info.get("aof_last_write_status", "ok") != "ok":
        warnings.append(f"{product} could not write its append-only file")
    if answers.info.get("rdb_last_bgsave_status", "ok") != "ok":
        warnings.append(f"{product} could not write its last snapshot")
    return warnings


def _about_memory(product: str, info: dict[str, Any]) -> list[str]:
    policy = str(info.get("maxmemory_policy", "noeviction"))
    if policy == "noeviction":
        return []
    return [f"{product} may throw keys away (maxmemory-policy {policy}): set it to noeviction"]


def _about_replicas(product: str, answers: Answers, wait_replicas: int) -> list[str]:
    warnings = []
    if answers.info.get("role", "master") != "master":
        warnings.append(f"{product} is a replica and takes no writes")
    if wait_replicas and answers.config.get("min-replicas-to-write") == "0":
        warnings.append(
            f"{product} takes writes without any replica (min-replicas-to-write 0) while WAIT_REPLICAS is "
            f"{wait_replicas}: a master cut off from its replicas goes on until it is replaced"
        )
    return warnings


def _about_time(product: str, ahead_ms: float, most_ms: int) -> list[str]:
    if abs(ahead_ms) <= most_ms:
        return []
    lead = "ahead of" if ahead_ms > 0 else "behind"
    return [f"the clock of {product} is {abs(ahead_ms) / 1000:.1f} s {lead} this machine's"]


def _answers(settings: Settings) -> Answers:
    shown = settings.redis_url_redacted
    try:
        client = connect(
            settings.redis_url,
            socket_timeout_ms=settings.socket_timeout_ms,
            connect_timeout_ms=settings.connect_timeout_ms,
            tls=settings.redis_tls,
            password_file=settings.redis_password_file,
        )
        with contextlib.closing(client):
            info: Any = client.info()
            return Answers(info=info, config=_config(client), ahead_ms=_ahead_ms(client))
    except (redis.AuthenticationError, redis.exceptions.NoPermissionError):
        raise StartRefused(
            f"REDIS_URL {shown} refuses the user and password, or their right to INFO or TIME"
        ) from None
    except redis.RedisError as error:
        raise StartRefused(f"REDIS_URL {shown} cannot be used: {_reason(error)}") from None
    except (ValueError, TypeError):  # an option of the URL; the message would quote it
        raise StartRefused(f"REDIS_URL {shown} has an option that is not known") from None


def _config(client: "redis.Redis") -> dict[str, str]:
    """What of its configuration the server tells; many a hosted one tells nothing."""
    try:
        told: Any = client.config_get(*_CONFIG)
    except redis.ResponseError:
        return {}
    return {_text(name): _text(value) for name, value in told.items()}


def _ahead_ms(client: "redis.Redis") -> float:
    asked_s = time.time()
    seconds, micros = client.time()
    told_s = float(seconds) + float(micros) / 1e6
    return (told_s - (asked_s + time.time()) / 2) * 1000


def _reason(error: redis.RedisError) -> str:
    match error:
        case redis.TimeoutError():
            return "no answer in time"
        case MasterNotFoundError():
            return "no sentinel that answers knows its master"
        case redis.ConnectionError(__context__=ssl.SSLCertVerificationError(verify_message=why)):
            return f"its certificate is not trusted ({why.rstrip('.')})"
        case redis.ConnectionError(__context__=ssl.SSLError()):
            return "it does not speak TLS with us: REDIS_CERT_FILE must be of a client that it trusts"
        case redis.ConnectionError(__context__=ConnectionResetError()):
            return "it hung up: does it want a rediss:// URL?"
        case PasswordUnreadable():
            return str(error)
        case redis.ConnectionError():
            return "it cannot be reached"
        case _:
            return str(error).splitlines()[0] if str(error) else type(error).__name__


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in version.split(".")[:2])
