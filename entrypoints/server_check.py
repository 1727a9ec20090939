"""Whether the server named by REDIS_URL will do."""

import contextlib
from typing import Any, Final

import attrs
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from entrypoints.settings import Settings
from entrypoints.start_refused import StartRefused

VERSION_MIN: Final = {"Redis": (7, 0), "Valkey": (8, 0)}


@attrs.frozen(kw_only=True)
class ServerFound:
    """Which server answers, and what about it an operator should know."""

    product: str
    version: str
    warnings: tuple[str, ...]


def check_server(settings: Settings) -> ServerFound:
    """Ask the server of REDIS_URL what it is.

    Raises:
        StartRefused: it does not answer, refuses us, or is too old.
    """
    return judge(_info(settings), settings.redis_url_redacted)


def judge(info: dict[str, Any], shown_url: str) -> ServerFound:
    """What to make of a server's answer to INFO. Raises StartRefused for one that is too old."""
    product = "Valkey" if "valkey_version" in info else "Redis"
    version = str(info.get("valkey_version") or info.get("redis_version") or "0")
    least = VERSION_MIN[product]
    if _numbers(version) < least:
        wanted = " or ".join(f"{name} {major}.{minor}" for name, (major, minor) in VERSION_MIN.items())
        raise StartRefused(f"REDIS_URL {shown_url} is {product} {version}: {wanted} or newer is needed")
    warnings = []
    if not info.get("aof_enabled"):
        warnings.append(f"{product} writes no append-only file: a restart of it can lose checkouts")
    policy = str(info.get("maxmemory_policy", "noeviction"))
    if policy != "noeviction":
        warnings.append(f"{product} may throw keys away (maxmemory-policy {policy}): set it to noeviction")
    return ServerFound(product=product, version=version, warnings=tuple(warnings))


def _info(settings: Settings) -> dict[str, Any]:
    shown = settings.redis_url_redacted
    try:
        client = redis.Redis.from_url(
            settings.redis_url,
            socket_connect_timeout=settings.connect_timeout_ms / 1000,
            socket_timeout=settings.socket_timeout_ms / 1000,
            retry=Retry(NoBackoff(), 0),
        )
        with contextlib.closing(client):
            answer: dict[str, Any] = client.info()
            return answer
    except (redis.AuthenticationError, redis.exceptions.NoPermissionError):
        raise StartRefused(
            f"REDIS_URL {shown} refuses the user and password, or their right to INFO"
        ) from None
    except redis.RedisError as error:
        raise StartRefused(f"REDIS_URL {shown} cannot be used: {_reason(error)}") from None
    except (ValueError, TypeError):  # an option of the URL; the message would quote it
        raise StartRefused(f"REDIS_URL {shown} has an option that is not known") from None


def _reason(error: redis.RedisError) -> str:
    match error:
        case redis.TimeoutError():
            return "no answer in time"
        case redis.ConnectionError():
            return "it cannot be reached"
        case _:
            return str(error).splitlines()[0] if str(error) else type(error).__name__


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in version.split(".")[:2])
