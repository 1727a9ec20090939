"""A client for a Redis or Valkey server, with every wait bounded."""

import socket
from pathlib import Path
from typing import Any, Final

import attrs
import hiredis
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool

from adapters.redis_streams.client import TRIED_AGAIN, Client
from adapters.redis_streams.password_file import PasswordFile, user_of
from adapters.redis_streams.sentinel_url import SENTINEL_SCHEMES, SentinelUrl
from adapters.redis_streams.tls import SPOKEN_OVER_TLS, SYSTEM_TRUST, Tls

KEEPALIVE_S: Final = 15
KEEPALIVE_INTERVAL_S: Final = 5
KEEPALIVE_COUNT: Final = 3


def connect(
    url: str,
    *,
    socket_timeout_ms: int,
    connect_timeout_ms: int,
    client_name: str = "comptoir",
    tls: Tls = SYSTEM_TRUST,
    password_file: Path | None = None,
    keepalive_s: int = KEEPALIVE_S,
) -> Client:
    """A client with its own pool; nothing is sent yet. With the URL of sentinels it follows the master.
    `password_file` takes the place of a password in the URL. A connection that was idle for `keepalive_s` is
    tried with a PING before it is used, and by the kernel.

    A command is tried once more only where the connection was found closed, or the server to be no master
    any more: the pool still holds sockets of before, and a new connection finds the server that took over.
    Everything else is for the caller to repeat. A server that falls silent is noticed within the socket
    timeout by whoever waits for it, within half a minute by the kernel on a connection that nobody uses.
    """
    options: dict[str, Any] = {
        "socket_timeout": socket_timeout_ms / 1000,
        "socket_connect_timeout": connect_timeout_ms / 1000,
        "health_check_interval": keepalive_s,
        "retry": Retry(NoBackoff(), retries=1, supported_errors=TRIED_AGAIN),
        "client_name": client_name,
        "protocol": 2,
    }
    if not url.startswith("unix:"):
        options |= {"socket_keepalive": True, "socket_keepalive_options": _keepalive_options(keepalive_s)}
    if url.startswith(SPOKEN_OVER_TLS):
        options |= tls.options()
    if url.startswith(SENTINEL_SCHEMES):
        options["ssl"] = url.startswith(SPOKEN_OVER_TLS)
        return _following_the_master(SentinelUrl.parse(url), options, password_file)
    if password_file:
        url, user = user_of(url)
        options["credential_provider"] = PasswordFile(password_file, user)
    client: Client = Client.from_url(url, command_packer=_Packer(), **options)  # type: ignore[assignment]  # the driver says Redis
    return client


class _Packer:
    """Packs a command as the driver does, but leaves it to C to look at the arguments: a batch of events has
    a thousand."""

    def pack(self, *args: Any) -> list[bytes]:
        name, *rest = args
        return [hiredis.pack_command((*name.split(), *rest))]  # such as XINFO STREAM


class _MasterPool(SentinelConnectionPool):
    """Lets go of the sentinels too when it is closed; both come back when they are asked again."""

    def disconnect(self, inuse_connections: bool = True) -> None:
        super().disconnect(inuse_connections)
        if inuse_connections:  # closed, and not: a new master was found
            self.sentinel_manager.close()


def _following_the_master(url: SentinelUrl, options: dict[str, Any], password_file: Path | None) -> Client:
    """A client that asks the sentinels who is master whenever it makes a connection."""
    for_sentinels = options | {
        "username": url.sentinel_username,
        "password": url.sentinel_password,
        "retry": Retry(NoBackoff(), retries=0),  # there are others to ask
    }
    sentinel: Any = Sentinel(url.sentinels, sentinel_kwargs=for_sentinels)  # type: ignore[no-untyped-call]  # the driver's
    if password_file:
        options["credential_provider"] = PasswordFile(password_file, url.username)
        url = attrs.evolve(url, username=None, password=None)
    client: Client = sentinel.master_for(
        url.service,
        redis_class=Client,
        connection_pool_class=_MasterPool,
        db=url.db,
        username=url.username,
        password=url.password,
        command_packer=_Packer(),
        **options,
    )
    return client


def _keepalive_options(idle_s: int) -> dict[int, int]:
    """What the platform has of them; macOS has another name for the first."""
    wanted = {
        "TCP_KEEPIDLE": idle_s,
        "TCP_KEEPALIVE": idle_s,
        "TCP_KEEPINTVL": KEEPALIVE_INTERVAL_S,
        "TCP_KEEPCNT": KEEPALIVE_COUNT,
    }
    return {getattr(socket, name): value for name, value in wanted.items() if hasattr(socket, name)}
