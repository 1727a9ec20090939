"""A client for a Redis or Valkey server, with every wait bounded."""

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Disconnected
from redis.retry import Retry

HEALTH_CHECK_S = 15


def connect(
    url: str, *, socket_timeout_ms: int, connect_timeout_ms: int, client_name: str = "comptoir"
) -> "Redis":
    """A client with its own pool; nothing is sent yet.

    A command is tried once more only where the connection was found closed: the server has restarted,
    and the pool still holds sockets of before. Everything else is for the caller to repeat.
    """
    return Redis.from_url(
        url,
        socket_timeout=socket_timeout_ms / 1000,
        socket_connect_timeout=connect_timeout_ms / 1000,
        socket_keepalive=True,
        health_check_interval=HEALTH_CHECK_S,
        retry=Retry(NoBackoff(), retries=1, supported_errors=(Disconnected,)),
        client_name=client_name,
        protocol=2,
    )
